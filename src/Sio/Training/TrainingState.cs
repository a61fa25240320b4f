namespace Sio.Training;

/// <summary>Where training stands, apart from the tensors.</summary>
/// <param name="Network">Catalog name of the network.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Threads">Threads per operator; another count gives other last bits.</param>
/// <param name="Step">Optimiser steps done, which also says where sampler, augmentation and schedule are.</param>
/// <param name="TotalSteps">Steps of the whole training.</param>
/// <param name="LossSum">Sum of the losses of this epoch's images so far.</param>
/// <param name="Correct">Of these, how many were classified correctly.</param>
/// <param name="Seen">Of these, how many there were.</param>
/// <param name="LogBytes">Length of the log up to here; what follows it is dropped on resuming.</param>
/// <param name="Seconds">Time spent training so far.</param>
/// <param name="Settings">What else shapes the weights, by name: the plan and the hashes of the image sets.</param>
public sealed record TrainingState(
    string Network, int Seed, int Threads, long Step, long TotalSteps, double LossSum, long Correct, long Seen, long LogBytes, double Seconds,
    IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Length of the TensorBoard events up to here; 0 where none are written.</summary>
    public long EventBytes { get; init; }

    /// <summary>The best validation accuracy so far, per cent; null before the first validation.</summary>
    public double? BestAccuracy { get; init; }

    /// <summary>The epoch that had it, from 1.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Where the loss scaling of half precision stands; null where the loss is not scaled.</summary>
    public LossScale? LossScale { get; init; }

    /// <summary>Whether the numbers can be those of a run.</summary>
    internal bool IsPossible => Step >= 0 && Step <= TotalSteps && Correct >= 0 && Correct <= Seen && LogBytes >= 0 && EventBytes >= 0 && Seconds >= 0;
}

/// <summary>Where the loss scaling of half precision stands.</summary>
/// <param name="Scale">What the loss is multiplied by.</param>
/// <param name="GoodSteps">Steps without an overflow since the scale was last changed.</param>
/// <param name="Skipped">Steps skipped in all, because a gradient overflowed.</param>
public sealed record LossScale(double Scale, int GoodSteps, long Skipped);
