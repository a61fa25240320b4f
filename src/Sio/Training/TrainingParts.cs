using Sio.Data;
using Sio.Networks;
using Sio.Nn;
using Sio.Optim;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>All that changes while a classifier is trained, and that a checkpoint holds.</summary>
internal sealed class TrainingParts : IDisposable
{
    private bool _released;

    private TrainingParts(Classifier model, Sgd optimizer, Generator generator) => (Model, Optimizer, Generator) = (model, optimizer, generator);

    /// <summary>The network that is trained, with its objective.</summary>
    internal Classifier Model { get; }

    /// <summary>Changes it.</summary>
    internal Sgd Optimizer { get; }

    /// <summary>Made the initial weights.</summary>
    internal Generator Generator { get; }

    /// <summary>The moving average of the weights; null for none.</summary>
    internal WeightAverage? Average { get; private set; }

    /// <summary>Lookahead; null for none.</summary>
    internal Lookahead? Lookahead { get; private set; }

    /// <summary>The network that is validated and saved: the average, where one is taken.</summary>
    internal Classifier Result => Average?.Network ?? Model;

    /// <summary>Makes what a plan asks for.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="network">Catalog name of the network.</param>
    /// <param name="real">Images of the kind it will see.</param>
    /// <param name="device">Where it is to be.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    internal static TrainingParts Create(TrainingPlan plan, string network, ImageSet real, Device device, long totalSteps)
    {
        var generator = new Generator((ulong)plan.Seed, CPU);
        Classifier? model = null;
        TrainingParts? parts = null;
        try
        {
            model = ClassifierFactory.Create(plan, network, real, generator);
            if (plan.Init is { } start)
                InitialWeights.Load(model, start);
            Place(model, plan, device);
            parts = new TrainingParts(model, new Sgd(ParameterGroups.Of(plan, model), plan.LearningRate, plan.Momentum, plan.Nesterov), generator);
            if (plan.EmaDecay is not null)
                parts.Average = new WeightAverage(Place(ClassifierFactory.Create(plan, network, real, generator: null), plan, device), model);
            if (plan.LookaheadEvery > 0)
                parts.Lookahead = new Lookahead(plan.LookaheadEvery, plan.LookaheadDecay, totalSteps, model);
            return parts;
        }
        catch
        {
            if (parts is not null)
            {
                parts.Dispose();
            }
            else
            {
                model?.Dispose();
                generator.Dispose();
            }

            throw;
        }
    }

    /// <summary>Takes the resulting network out, in evaluation mode: its owner is the caller from now on.</summary>
    internal Classifier Release()
    {
        _released = true;
        Result.eval();
        Result.Extension!.eval();
        return Result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Generator.Dispose();
        Lookahead?.Dispose();
        if (!_released || Average is not null)
            Model.Dispose();
        if (!_released)
            Average?.Dispose();
    }

    private static Classifier Place(Classifier model, TrainingPlan plan, Device device)
    {
        try
        {
            model.to(device);
            model.Extension!.to(device);
            if (plan.MemoryFormat != ImageLayout.Contiguous)
                model.ToMemoryFormat(plan.MemoryFormat.Format());
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
