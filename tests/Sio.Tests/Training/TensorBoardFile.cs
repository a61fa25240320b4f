using System.Buffers.Binary;
using Google.Protobuf;
using Sio.Training;

namespace Sio.Tests.Training;

/// <summary>Reads an event file as TensorBoard does, with Google's own decoder of the wire format and the field numbers of TensorFlow's event.proto and summary.proto.</summary>
internal static class TensorBoardFile
{
    internal sealed record Event(double WallTime, long Step, string? FileVersion, IReadOnlyDictionary<string, float> Values)
    {
        internal string Tags => string.Join(",", Values.Keys);
    }

    internal static Event[] Read(string folder)
    {
        var bytes = File.ReadAllBytes(TensorBoardLog.FilePath(folder));
        var events = new List<Event>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            Check(bytes.AsSpan(at, 8), bytes.AsSpan(at + 8));
            var content = bytes.AsSpan(at + 12, length);
            Check(content, bytes.AsSpan(at + 12 + length));
            events.Add(Decode(content.ToArray()));
            at += 12 + length + 4;
        }

        return [.. events];
    }

    // Bit by bit, and undoing the mask: nothing of the writer's own arithmetic.
    private static void Check(ReadOnlySpan<byte> content, ReadOnlySpan<byte> checksum)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in content)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
        }

        var unmasked = BinaryPrimitives.ReadUInt32LittleEndian(checksum) - 0xA282EAD8u;
        Assert.Equal(~crc, (unmasked >> 17) | (unmasked << 15));
    }

    private static Event Decode(byte[] content)
    {
        var (time, step, version, values) = (0.0, 0L, (string?)null, new Dictionary<string, float>());
        var input = new CodedInputStream(content);
        while (input.ReadTag() is var tag and not 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (1, WireFormat.WireType.Fixed64):
                    time = input.ReadDouble();
                    break;
                case (2, WireFormat.WireType.Varint):
                    step = input.ReadInt64();
                    break;
                case (3, WireFormat.WireType.LengthDelimited):
                    version = input.ReadString();
                    break;
                case (5, WireFormat.WireType.LengthDelimited):
                    Summary(input.ReadBytes(), values);
                    break;
                default:
                    Assert.Fail($"the event has the unknown tag {tag}");
                    break;
            }
        }

        return new Event(time, step, version, values);
    }

    private static void Summary(ByteString summary, Dictionary<string, float> values)
    {
        var input = summary.CreateCodedInput();
        while (input.ReadTag() is var tag and not 0)
        {
            Assert.Equal(WireFormat.MakeTag(1, WireFormat.WireType.LengthDelimited), tag);
            var value = input.ReadBytes().CreateCodedInput();
            Assert.Equal(WireFormat.MakeTag(1, WireFormat.WireType.LengthDelimited), value.ReadTag());
            var name = value.ReadString();
            Assert.Equal(WireFormat.MakeTag(2, WireFormat.WireType.Fixed32), value.ReadTag());
            values.Add(name, value.ReadFloat());
            Assert.True(value.IsAtEnd);
        }
    }
}
