using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>
/// LeNet-5 (LeCun et al. 1998) for 28×28 images, with ReLU and max pooling in place of the original's tanh and learnt
/// pooling: convolutions of 6, 16 and 120 channels, a hidden layer of 84 (the features), a linear head. Layers and names are those of OpenOOD's network.
/// </summary>
[CatalogEntry("lenet", "LeNet-5 for 28×28 images, 62 k parameters, 84 features", Paper = "LeCun et al. 1998")]
public sealed class LeNet5 : Classifier
{
    private readonly TorchSharp.Modules.Sequential _block1;
    private readonly TorchSharp.Modules.Sequential _block2;
    private readonly TorchSharp.Modules.Sequential _block3;
    private readonly Linear _classifier1;

    /// <summary>Makes the network with PyTorch's initial weights.</summary>
    /// <exception cref="ArgumentException">The images are not 28×28.</exception>
    public LeNet5(ClassifierShape shape, Generator? generator = null)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Height != 28 || shape.Width != 28)
            throw new ArgumentException($"lenet takes images of 28×28, not {shape.Height}×{shape.Width}");
        _block1 = this.Register("block1", nn.Sequential(new Conv2d(shape.Channels, 6, 5, padding: 2, generator: generator), nn.ReLU(), nn.MaxPool2d(2)));
        _block2 = this.Register("block2", nn.Sequential(new Conv2d(6, 16, 5, generator: generator), nn.ReLU(), nn.MaxPool2d(2)));
        _block3 = this.Register("block3", nn.Sequential(new Conv2d(16, 120, 5, generator: generator), nn.ReLU()));
        _classifier1 = this.Register("classifier1", new Linear(120, 84, generator: generator));
        Head = this.Register("fc", new Linear(84, shape.Classes, generator: generator));
    }

    /// <inheritdoc/>
    public override Linear Head { get; }

    /// <inheritdoc/>
    protected override Tensor FeaturesCore(Tensor images) =>
        _classifier1.call(_block3.call(_block2.call(_block1.call(images))).flatten(1)).relu_();
}
