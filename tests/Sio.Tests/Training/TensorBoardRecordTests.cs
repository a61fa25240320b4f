using Sio.Training;

namespace Sio.Tests.Training;

public sealed class TensorBoardRecordTests
{
    // RFC 3720, appendix B.4, and the check value of the CRC catalogues.
    [Fact]
    public void The_checksum_is_Castagnolis()
    {
        Assert.Equal(0xE3069283u, TensorBoardRecord.Crc32C("123456789"u8));
        Assert.Equal(0x8A9136AAu, TensorBoardRecord.Crc32C(new byte[32]));
        Assert.Equal(0x62A8AB43u, TensorBoardRecord.Crc32C([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, TensorBoardRecord.Crc32C([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0u, TensorBoardRecord.Crc32C([]));
    }

    // The first twelve bytes of every event file that TensorFlow writes: a record of 24 bytes, the file's version.
    [Fact]
    public void A_record_begins_as_TensorFlows_do()
    {
        var content = TensorBoardEvent.FileVersion(1.5e9);
        Assert.Equal(24, content.Length);
        var record = TensorBoardRecord.Frame(content);
        Assert.Equal([24, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22, 0x09], record[..13]);
        Assert.Equal(8 + 4 + 24 + 4, record.Length);
    }

    [Fact]
    public void An_event_has_the_bytes_of_its_messages()
    {
        // wall_time 1.0; step 300 as two bytes; a summary of one value: tag "a", simple_value 2.0.
        byte[] expected =
        [
            0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F,
            0x10, 0xAC, 0x02,
            0x2A, 10, 0x0A, 8, 0x0A, 1, (byte)'a', 0x15, 0, 0, 0, 0x40,
        ];
        Assert.Equal(expected, TensorBoardEvent.Scalars(1, 300, [("a", 2)]));
    }
}
