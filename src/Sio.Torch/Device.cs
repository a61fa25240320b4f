using System.Globalization;

namespace Sio.Torch;

/// <summary>Kinds of devices, with LibTorch's numbers (<c>c10::DeviceType</c>).</summary>
public enum DeviceType
{
    /// <summary>The host's processors.</summary>
    Cpu = 0,

    /// <summary>An NVIDIA GPU, or an AMD one in a ROCm build.</summary>
    Cuda = 1,
}

/// <summary>Where a tensor lives.</summary>
/// <param name="Type">The kind of device.</param>
/// <param name="Index">Which one of its kind; -1 stands for the current one.</param>
public readonly record struct Device(DeviceType Type, int Index = -1)
{
    /// <summary>The host's memory.</summary>
    public static Device Cpu => new(DeviceType.Cpu);

    /// <summary>A GPU.</summary>
    /// <param name="index">Which GPU, from 0.</param>
    public static Device Cuda(int index = 0) => new(DeviceType.Cuda, index);

    /// <summary>Reads <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static Device Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "cpu")
            return Cpu;
        if (text == "cuda")
            return Cuda();
        return text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? Cuda(index)
                : throw new FormatException($"'{text}' is no device; expected cpu, cuda or cuda:N");
    }

    /// <summary>PyTorch's spelling: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public override string ToString()
    {
        var name = Type == DeviceType.Cpu ? "cpu" : "cuda";
        return Index < 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{Index}");
    }
}
