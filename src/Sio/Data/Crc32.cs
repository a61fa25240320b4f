namespace Sio.Data;

/// <summary>CRC-32 as in zip and gzip (reflected polynomial 0xEDB88320), eight bytes at a time.</summary>
internal struct Crc32
{
    private static readonly uint[] Table = BuildTable();
    private uint _inverted;

    /// <summary>The checksum of everything appended so far; 0 for nothing.</summary>
    public readonly uint Value => _inverted;

    /// <summary>Takes in more bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var table = Table;
        var crc = ~_inverted;
        while (bytes.Length >= 8)
        {
            // Each byte's contribution after the remaining ones have been shifted in is a table of its own.
            crc ^= (uint)(bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24));
            crc = table[(7 * 256) + (int)(crc & 0xFF)]
                ^ table[(6 * 256) + (int)((crc >> 8) & 0xFF)]
                ^ table[(5 * 256) + (int)((crc >> 16) & 0xFF)]
                ^ table[(4 * 256) + (int)(crc >> 24)]
                ^ table[(3 * 256) + bytes[4]]
                ^ table[(2 * 256) + bytes[5]]
                ^ table[256 + bytes[6]]
                ^ table[bytes[7]];
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
            crc = table[(int)((crc ^ b) & 0xFF)] ^ (crc >> 8);
        _inverted = ~crc;
    }

    private static uint[] BuildTable()
    {
        var table = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            table[i] = crc;
        }

        for (var i = 256; i < table.Length; i++)
            table[i] = table[(int)(table[i - 256] & 0xFF)] ^ (table[i - 256] >> 8);
        return table;
    }
}
