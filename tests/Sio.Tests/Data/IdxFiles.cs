using System.IO.Compression;

namespace Sio.Tests.Data;

/// <summary>Small IDX files for tests.</summary>
internal static class IdxFiles
{
    public static byte[] Labels(params ReadOnlySpan<byte> labels) => [0, 0, 8, 1, .. BigEndian(labels.Length), .. labels];

    public static byte[] Images(int count, int height, int width, Func<int, byte>? pixel = null) =>
    [
        0, 0, 8, 3, .. BigEndian(count), .. BigEndian(height), .. BigEndian(width),
        .. Enumerable.Range(0, count * height * width).Select(i => pixel?.Invoke(i) ?? (byte)i),
    ];

    public static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(content);
        return stream.ToArray();
    }

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
