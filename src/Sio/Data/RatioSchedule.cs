namespace Sio.Data;

/// <summary>How the real ratio goes from its first value to its last.</summary>
public enum RatioShape
{
    /// <summary>By equal steps from epoch to epoch.</summary>
    Linear,

    /// <summary>Along half a cosine: slowly at both ends.</summary>
    Cosine,

    /// <summary>The first half of the epochs has the first value, the rest the last.</summary>
    Step,
}

/// <summary>A real ratio that changes from epoch to epoch. It is a function of the epoch alone, so that a batch stays one of seed, epoch and place.</summary>
public sealed record RatioSchedule
{
    /// <summary>Makes a schedule.</summary>
    /// <param name="first">The ratio of the first epoch, 0 to 1.</param>
    /// <param name="last">The ratio of the last epoch, 0 to 1.</param>
    /// <param name="shape">The way between them.</param>
    /// <param name="epochs">Epochs in all, at least 1; a single one has the first value.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public RatioSchedule(double first, double last, RatioShape shape, int epochs)
    {
        if (!(first >= 0 && first <= 1))
            throw new ArgumentOutOfRangeException(nameof(first), first, "The real ratio must be from 0 to 1.");
        if (!(last >= 0 && last <= 1))
            throw new ArgumentOutOfRangeException(nameof(last), last, "The real ratio must be from 0 to 1.");
        if (!Enum.IsDefined(shape))
            throw new ArgumentOutOfRangeException(nameof(shape), shape, "The schedule must be Linear, Cosine or Step.");
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        (First, Last, Shape, Epochs) = (first, last, shape, epochs);
    }

    /// <summary>The ratio of the first epoch.</summary>
    public double First { get; }

    /// <summary>The ratio of the last epoch.</summary>
    public double Last { get; }

    /// <summary>The way between them.</summary>
    public RatioShape Shape { get; }

    /// <summary>Epochs in all.</summary>
    public int Epochs { get; }

    /// <summary>The ratio of an epoch.</summary>
    /// <param name="epoch">From 0; epochs beyond the last have its value.</param>
    public double At(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (epoch == 0)
            return First;
        if (epoch >= Epochs - 1)
            return Last;
        var passed = epoch / (Epochs - 1.0);
        var share = Shape switch
        {
            RatioShape.Linear => passed,
            RatioShape.Cosine => (1 - Math.Cos(Math.PI * passed)) / 2,
            _ => epoch < Epochs / 2.0 ? 0 : 1,
        };

        // Rounded, so that the tenths of a way from 0.9 to 0.5 are tenths, and the truncated number of images is the one to be expected.
        return Math.Round(First + ((Last - First) * share), 12);
    }
}
