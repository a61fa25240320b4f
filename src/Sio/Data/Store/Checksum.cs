using System.Security.Cryptography;

namespace Sio.Data.Store;

/// <summary>Which sum of a file's bytes.</summary>
internal enum ChecksumKind
{
    Sha256,
    Md5,
}

/// <summary>A sum of a file's bytes, in lower-case hexadecimal.</summary>
internal sealed record Checksum
{
    private const int BufferBytes = 1 << 20;

    /// <exception cref="DataException">The text is no sum of this kind.</exception>
    internal Checksum(ChecksumKind kind, string hex)
    {
        var digits = kind == ChecksumKind.Sha256 ? 64 : 32;
        if (hex.Length != digits || !hex.All(char.IsAsciiHexDigit))
            throw new DataException($"{DataFile.Quote(hex)} is no {NameOf(kind)}: {digits} hexadecimal digits were expected");
        (Kind, Hex) = (kind, hex.ToLowerInvariant());
    }

    internal ChecksumKind Kind { get; }

    internal string Hex { get; }

    public override string ToString() => $"{NameOf(Kind)} {Hex}";

    /// <summary>The sum of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">Which sum.</param>
    /// <param name="read">Told the number of bytes so far, now and then.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DataException">The file cannot be read.</exception>
    internal static Checksum Of(string path, ChecksumKind kind, Action<long>? read = null, CancellationToken cancellation = default) => DataFile.Read(path, stream =>
    {
        using var hash = Start(kind);
        var buffer = new byte[BufferBytes];
        long total = 0;
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
            read?.Invoke(total += count);
        }

        return new Checksum(kind, Convert.ToHexStringLower(hash.GetHashAndReset()));
    });

    // MD5 is what the publishers of several sets give: it is compared with, never relied on against malice.
#pragma warning disable CA5351
    private static IncrementalHash Start(ChecksumKind kind) =>
        IncrementalHash.CreateHash(kind == ChecksumKind.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.MD5);
#pragma warning restore CA5351

    private static string NameOf(ChecksumKind kind) => kind == ChecksumKind.Sha256 ? "SHA-256" : "MD5";
}
