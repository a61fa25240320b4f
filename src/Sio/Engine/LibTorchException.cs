namespace Sio.Engine;

/// <summary>LibTorch, the native library that computes, cannot be loaded or used here. The message is one line that says what to do.</summary>
public sealed class LibTorchException : Exception
{
    /// <summary>Describes why LibTorch cannot be used.</summary>
    /// <param name="message">One line: what is wrong, and what helps.</param>
    public LibTorchException(string message)
        : base(message)
    {
    }

    /// <summary>Describes why LibTorch cannot be used, with the error of the system's loader behind it.</summary>
    /// <param name="message">One line: what is wrong, and what helps.</param>
    /// <param name="inner">What the loader reported.</param>
    public LibTorchException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
