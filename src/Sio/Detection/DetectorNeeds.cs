namespace Sio.Detection;

/// <summary>What a detector works on.</summary>
[Flags]
public enum DetectorNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The logits of the images to score.</summary>
    Logits = 1,

    /// <summary>Their penultimate features.</summary>
    Features = 2,

    /// <summary>In-distribution training images, without augmentation, to fit on.</summary>
    TrainingSet = 4,

    /// <summary>In-distribution validation images to fit on.</summary>
    ValidationSet = 8,

    /// <summary>Weight and bias of a linear last layer.</summary>
    Head = 16,

    /// <summary>The images and the network, to differentiate with respect to the pixels.</summary>
    InputGradient = 32,

    /// <summary>The images and the network, with its feature maps.</summary>
    FeatureMaps = 64,

    /// <summary>The images and the network, for passes that differ from the plain one.</summary>
    Images = 128,

    /// <summary>Several networks trained on the same data.</summary>
    SeveralNetworks = 256,
}
