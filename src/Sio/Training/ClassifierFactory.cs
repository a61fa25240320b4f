using Sio.Data;
using Sio.Networks;
using Sio.Nn;
using Sio.Training.Objectives;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>Makes the network that a plan asks for, with its training method.</summary>
public static class ClassifierFactory
{
    /// <summary>Makes a network for a set's images and classes, with the plan's batch-norm settings and its objective as the extension.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="network">Catalog name.</param>
    /// <param name="images">Images of the kind it will see.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when null.</param>
    /// <exception cref="UnknownNameException">There is no such network.</exception>
    /// <exception cref="DataException">The network is not made for such images, or not for the objective.</exception>
    /// <exception cref="Sio.Recipes.RecipeException">A setting of the objective is wrong.</exception>
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

        try
        {
            Configure(model, plan);
            if (model is IFittedToImages fitted)
                fitted.FitTo(images, plan.Normalization);
            ObjectiveFactory.Create(plan.Objective).Attach(model, generator);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Configure(nn.Module module, TrainingPlan plan)
    {
        if (module is BatchNorm2d norm)
        {
            norm.momentum = plan.BatchNormMomentum;
            norm.eps = plan.BatchNormEps;
        }

        foreach (var (_, child) in module.named_children())
            Configure(child, plan);
    }
}
