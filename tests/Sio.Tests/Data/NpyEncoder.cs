using System.Globalization;
using System.Text;

namespace Sio.Tests.Data;

/// <summary>Writes .npy files in every form that NumPy knows, one element at a time: the opposite number of the reader.</summary>
internal static class NpyEncoder
{
    public static byte[] Encode<T>(T[] values, long[] shape, string code, bool bigEndian = false, bool fortran = false, int version = 1)
        where T : unmanaged
    {
        var order = code[1] == '1' ? '|' : bigEndian ? '>' : '<';
        var sizes = string.Concat(shape.Select(s => s.ToString(CultureInfo.InvariantCulture) + ","));
        var header = $"{{'descr': '{order}{code}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({sizes}), }}";
        var elements = new List<byte>();
        foreach (var i in fortran ? FortranOrder(shape) : Enumerable.Range(0, values.Length))
        {
            var bytes = Bytes(values[i]);
            elements.AddRange(bigEndian == BitConverter.IsLittleEndian ? bytes.Reverse() : bytes);
        }

        return WithHeader(header, [.. elements], version);
    }

    public static byte[] WithHeader(string header, byte[] elements, int version = 1)
    {
        var text = Encoding.Latin1.GetBytes(header + "\n");
        byte[] length = version == 1
            ? [(byte)text.Length, (byte)(text.Length >> 8)]
            : [(byte)text.Length, (byte)(text.Length >> 8), (byte)(text.Length >> 16), (byte)(text.Length >> 24)];
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. elements];
    }

    /// <summary>Places in C order, listed as Fortran stores them: the first index runs fastest.</summary>
    private static IEnumerable<int> FortranOrder(long[] shape)
    {
        var count = (int)shape.Aggregate(1L, (a, b) => a * b);
        for (var place = 0; place < count; place++)
        {
            var (rest, index) = ((long)place, new long[shape.Length]);
            for (var d = 0; d < shape.Length; d++)
                (index[d], rest) = (rest % shape[d], rest / shape[d]);
            long c = 0;
            for (var d = 0; d < shape.Length; d++)
                c = (c * shape[d]) + index[d];
            yield return (int)c;
        }
    }

    private static byte[] Bytes<T>(T value) => value switch
    {
        bool v => BitConverter.GetBytes(v),
        sbyte v => [(byte)v],
        byte v => [v],
        short v => BitConverter.GetBytes(v),
        ushort v => BitConverter.GetBytes(v),
        int v => BitConverter.GetBytes(v),
        uint v => BitConverter.GetBytes(v),
        long v => BitConverter.GetBytes(v),
        ulong v => BitConverter.GetBytes(v),
        Half v => BitConverter.GetBytes(v),
        float v => BitConverter.GetBytes(v),
        double v => BitConverter.GetBytes(v),
        _ => throw new ArgumentException($"No bytes for {typeof(T)}."),
    };
}
