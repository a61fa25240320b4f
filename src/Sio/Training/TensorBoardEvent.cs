using System.Buffers.Binary;
using System.Text;

namespace Sio.Training;

/// <summary>
/// Encodes the few messages of TensorFlow's <c>event.proto</c> and <c>summary.proto</c> that scalars need, in protobuf's wire format:
/// <c>Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5 }</c>, <c>Summary { repeated Value value = 1 }</c>,
/// <c>Value { string tag = 1; float simple_value = 2 }</c>.
/// </summary>
internal static class TensorBoardEvent
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    /// <summary>The first event of a file.</summary>
    internal static byte[] FileVersion(double wallTime)
    {
        using var stream = new MemoryStream();
        WriteDouble(stream, 1, wallTime);
        WriteBytes(stream, 3, "brain.Event:2"u8);
        return stream.ToArray();
    }

    /// <summary>Values of a step.</summary>
    /// <param name="wallTime">Seconds since 1970.</param>
    /// <param name="step">The step, 0 or more.</param>
    /// <param name="values">Tags and values; these are kept as 32-bit numbers.</param>
    internal static byte[] Scalars(double wallTime, long step, IReadOnlyList<(string Tag, double Value)> values)
    {
        using var summary = new MemoryStream();
        foreach (var (tag, value) in values)
        {
            using var one = new MemoryStream();
            WriteBytes(one, 1, Encoding.UTF8.GetBytes(tag));
            WriteFloat(one, 2, (float)value);
            WriteBytes(summary, 1, one.ToArray());
        }

        using var stream = new MemoryStream();
        WriteDouble(stream, 1, wallTime);
        WriteKey(stream, 2, Varint);
        WriteVarint(stream, (ulong)step);
        WriteBytes(stream, 5, summary.ToArray());
        return stream.ToArray();
    }

    private static void WriteKey(MemoryStream stream, int field, int wireType) => WriteVarint(stream, (ulong)((field << 3) | wireType));

    private static void WriteVarint(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    private static void WriteBytes(MemoryStream stream, int field, ReadOnlySpan<byte> content)
    {
        WriteKey(stream, field, Bytes);
        WriteVarint(stream, (ulong)content.Length);
        stream.Write(content);
    }

    private static void WriteDouble(MemoryStream stream, int field, double value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        WriteKey(stream, field, Fixed64);
        stream.Write(bytes);
    }

    private static void WriteFloat(MemoryStream stream, int field, float value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        WriteKey(stream, field, Fixed32);
        stream.Write(bytes);
    }
}
