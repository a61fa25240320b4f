using Sio.Data;
using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Training;

/// <summary>Makes the network that a plan asks for.</summary>
public static class ClassifierFactory
{
    /// <summary>Makes a network for a set's images and classes, with the plan's batch-norm settings.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="network">Catalog name.</param>
    /// <param name="images">Images of the kind it will see.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when null.</param>
    /// <exception cref="UnknownNameException">There is no such network.</exception>
    /// <exception cref="DataException">The network is not made for such images.</exception>
    public static Classifier Create(TrainingPlan plan, string network, ImageSet images, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(images);
        Classifier model;
        try
        {
            model = Catalog<Classifier>.Create(network, new ClassifierShape(images.Channels, images.Height, images.Width, images.ClassCount), generator);
        }
        catch (ArgumentException error)
        {
            throw new DataException($"{network} cannot be trained on {images}: {error.Message}", error);
        }

        Configure(model, plan);
        return model;
    }

    private static void Configure(Module module, TrainingPlan plan)
    {
        if (module is BatchNorm2d norm)
        {
            norm.Momentum = plan.BatchNormMomentum;
            norm.Eps = plan.BatchNormEps;
        }

        foreach (var (_, child) in module.Children)
            Configure(child, plan);
    }
}
