using System.IO.Compression;
using System.Text;
using Sio.Data;

namespace Sio.Fuzz.Seeds;

/// <summary>NumPy's files.</summary>
internal static class Arrays
{
    internal static byte[] Npy(NpyArray array)
    {
        using var stream = new MemoryStream();
        Data.Npy.Write(stream, array);
        return stream.ToArray();
    }

    internal static byte[] Npy<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged => Npy(NpyArray.Create(values, shape));

    internal static byte[] Npz(bool packed, params ReadOnlySpan<(string Name, NpyArray Array)> arrays)
    {
        using var stream = new MemoryStream();
        Data.Npz.Write(stream, packed ? CompressionLevel.Optimal : CompressionLevel.NoCompression, arrays);
        return stream.ToArray();
    }

    /// <summary>An array with a header of one's own, as other writers have them.</summary>
    internal static byte[] Npy(string header, byte[] elements)
    {
        var text = Encoding.Latin1.GetBytes(header + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text, .. elements];
    }

    /// <summary>Pixels that go up and down.</summary>
    internal static byte[] Pixels(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)((i * 37) + (i / 7)))];
}
