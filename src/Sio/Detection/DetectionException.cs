namespace Sio.Detection;

/// <summary>A detector cannot do its work: features that are no numbers, too few images to fit on, sizes that do not fit.</summary>
public sealed class DetectionException : Exception
{
    /// <summary>Says which detector or set, and why.</summary>
    public DetectionException(string message)
        : base(message)
    {
    }
}
