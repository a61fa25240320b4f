using Sio.Data;

namespace Sio.Serialization;

/// <summary>A file of <c>torch.save</c> that is damaged, of an unknown kind, or asks for more than tensors and dictionaries.</summary>
public sealed class TorchFileException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public TorchFileException(string message)
        : base(DataFile.WithoutControls(message))
    {
    }

    /// <summary>Says what is wrong, and what noticed it.</summary>
    public TorchFileException(string message, Exception inner)
        : base(DataFile.WithoutControls(message), inner)
    {
    }
}
