using Sio.Data;

namespace Sio.Serialization;

/// <summary>A safetensors file that is damaged, hostile, or of a kind this library does not read.</summary>
public sealed class SafetensorsException : Exception
{
    /// <summary>Says what is wrong with which file.</summary>
    public SafetensorsException(string message)
        : base(DataFile.WithoutControls(message))
    {
    }

    /// <summary>Says what is wrong with which file, and what noticed it.</summary>
    public SafetensorsException(string message, Exception inner)
        : base(DataFile.WithoutControls(message), inner)
    {
    }
}
