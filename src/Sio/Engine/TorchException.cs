using System.Runtime.InteropServices;

namespace Sio.Engine;

/// <summary>LibTorch's report of a failed operation, in one line: where it happened, on tensors of which shapes, and LibTorch's reason.</summary>
public sealed class TorchException : ExternalException
{
    /// <summary>Says where an error of LibTorch's happened.</summary>
    /// <param name="operation">Layer or operator, with the shapes of its tensors.</param>
    /// <param name="error">What TorchSharp threw.</param>
    public TorchException(string operation, ExternalException error)
        : this(operation, TorchErrors.Describe(error), error)
    {
    }

    /// <summary>Reports a failed operation.</summary>
    /// <param name="operation">What was done.</param>
    /// <param name="reason">Why it failed, in one line.</param>
    /// <param name="error">What was thrown, or null.</param>
    public TorchException(string operation, string reason, Exception? error = null)
        : base($"{operation}: {reason}", error)
    {
        Operation = operation;
        Reason = reason;
    }

    /// <summary>What was done.</summary>
    public string Operation { get; }

    /// <summary>Why it failed.</summary>
    public string Reason { get; }
}
