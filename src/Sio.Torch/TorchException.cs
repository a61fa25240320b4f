namespace Sio.Torch;

/// <summary>A failure that LibTorch reported: the operation, the shapes it was given, and LibTorch's own words.</summary>
public sealed class TorchException : Exception
{
    /// <summary>Describes a failed operation.</summary>
    /// <param name="operation">What was tried: an operator's name with the shapes of its arguments, or an action.</param>
    /// <param name="reason">LibTorch's message, without its C++ stack trace.</param>
    public TorchException(string operation, string reason)
        : base($"{operation}: {reason}")
    {
        Operation = operation;
        Reason = reason;
    }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>LibTorch's own message.</summary>
    public string Reason { get; }
}
