using Sio.Data;

namespace Sio.Training.Objectives;

/// <summary>When a method begins whose own part comes in after a share of the training.</summary>
internal static class StartStep
{
    /// <summary>The first step, from 0, that lies at or after a share of all steps; the number of steps where there is none.</summary>
    internal static long First(double start, long steps) => (long)Math.Ceiling(start * steps);

    /// <summary>Refuses a share that no step comes after, which would leave the method without its own part.</summary>
    /// <exception cref="DataException">It is such a share.</exception>
    internal static void Refuse(string method, double start, long steps)
    {
        if (First(start, steps) >= steps)
            throw new DataException(ImageSet.Text($"{method}: with objective.settings.start at {start} its own part of the loss begins after the last of {steps} steps: set it to less, or train longer"));
    }
}
