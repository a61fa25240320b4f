using System.Buffers.Binary;
using System.Numerics;

namespace Sio.Training;

/// <summary>
/// A record of a TFRecord file: length (uint64), masked CRC-32C of the length, the bytes, masked CRC-32C of the bytes, all little-endian. The mask keeps the checksum of bytes that hold checksums from
/// being a special one: rotated right by 15 bits, plus 0xA282EAD8.
/// </summary>
internal static class TensorBoardRecord
{
    private const uint MaskDelta = 0xA282EAD8;
    private const int LengthBytes = sizeof(ulong);
    private const int ChecksumBytes = sizeof(uint);

    /// <summary>The record of some bytes.</summary>
    internal static byte[] Frame(ReadOnlySpan<byte> content)
    {
        var record = new byte[LengthBytes + ChecksumBytes + content.Length + ChecksumBytes];
        var span = record.AsSpan();
        BinaryPrimitives.WriteUInt64LittleEndian(span, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(span[LengthBytes..], Masked(Crc32C(span[..LengthBytes])));
        content.CopyTo(span[(LengthBytes + ChecksumBytes)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[^ChecksumBytes..], Masked(Crc32C(content)));
        return record;
    }

    /// <summary>CRC-32C, the one with Castagnoli's polynomial (RFC 3720, appendix B.4).</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>The checksum as records hold it.</summary>
    internal static uint Masked(uint crc) => unchecked(BitOperations.RotateRight(crc, 15) + MaskDelta);
}
