namespace Sio.Training;

/// <summary>Training cannot go on: the loss is no number any more, or a batch is empty.</summary>
public sealed class TrainingFailedException : Exception
{
    /// <summary>Says where and why.</summary>
    public TrainingFailedException(string message)
        : base(message)
    {
    }
}
