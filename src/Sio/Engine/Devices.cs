using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Engine;

/// <summary>Devices by name.</summary>
public static class Devices
{
    /// <summary>Reads <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static Device Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "cpu")
            return CPU;
        if (text == "cuda")
            return new Device(DeviceType.CUDA, 0);
        return text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? new Device(DeviceType.CUDA, index)
                : throw new FormatException($"'{text}' is no device; expected cpu, cuda or cuda:N");
    }
}
