namespace Sio.Training;

/// <summary>Training cannot go on: the loss, a gradient or a weight is NaN or infinite.</summary>
public sealed class TrainingFailedException : Exception
{
    /// <summary>Says where and why.</summary>
    public TrainingFailedException(string message)
        : base(message)
    {
    }
}
