namespace Sio.Fuzz.Mutation;

/// <summary>Values at which programs go wrong.</summary>
internal static class Values
{
    internal static IReadOnlyList<byte> Bytes { get; } = [0, 1, 0x7F, 0x80, 0xFF, 0x20, 0x0A];

    /// <summary>Boundaries of the integer types, and numbers that are read as sizes.</summary>
    internal static IReadOnlyList<long> Integers { get; } =
    [
        0, 1, 2, 3, -1, -2, 16, 32, 64, 100, 127, 128, -128, 255, 256, 1000, 4096, short.MaxValue, short.MinValue, ushort.MaxValue, 65536, 1 << 20, 1 << 24, 1 << 30,
        int.MaxValue, int.MaxValue - 8, int.MinValue, uint.MaxValue, 1L << 32, (1L << 32) + 1, 1L << 40, 1L << 53, 1L << 61, 1L << 62, long.MaxValue, long.MinValue,
    ];

    /// <summary>Numbers as people, programs and attackers write them.</summary>
    internal static IReadOnlyList<string> Numbers { get; } =
    [
        "0", "-0", "-1", "1", "2", "7", "0.5", "-0.5", "1.5", "1e-400", "1e400", "-1e999", "1e309", "1e38", "3.5e38", "5e-324", "NaN", "nan", "Infinity", "-Infinity", ".inf", "-.inf", ".nan",
        "127", "128", "255", "256", "32767", "32768", "65535", "65536", "1000000", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999999999999999999999999999",
        "0x10", "0o17", "017", "1_000", "1,000", "+1", " 1", "1 ", "１２", "١٢", "1.", ".1", "1e", "--1", "", "1L",
    ];

    /// <summary>Words that mean something to YAML, JSON, Python or a file system.</summary>
    internal static IReadOnlyList<string> Words { get; } =
    [
        "null", "~", "true", "false", "yes", "True", "None", "[]", "{}", "[[]]", "{a: {}}", "\"\"", "''", "\"", "'", "*a", "&a x", "&a [*a]", "!!python/object:os.system", "!!int 3", "!t", "|", ">", "|-\n  x",
        "? x", "- x", "- - x", "# x", "%YAML 1.2", "---", "...", "<<: *a", "@", "`", ": ", ",", "..", "../..", "/etc/passwd", "/dev/zero", "C:\\x", "\\\\host\\x", "a\\b", ".", "~/x", "-", "--",
        "\u0000", "\r", "\t", "\u001b[31m", "%s", "{0}", "$HOME", "given:cifar10/test", "set:svhn/test", "openood:x", "shipped:x", "held-out", "random 3 of 5", "0-4000000000", "a | b | c", "(1, 2)", "(,)", "()",
    ];

    /// <summary>Characters that are rarely thought of.</summary>
    internal static IReadOnlyList<string> Characters { get; } =
    [
        "\u00e4", "\u0000", "\u0001", "\u0007", "\u001b", "\u007f", "\u0085", "\u00a0", "\u00ad", "\u0301", "\u200b", "\u200e", "\u2028", "\u2029", "\u202e", "\ufeff", "\ufffd", "\ufffe", "\uffff",
        "\U0001F600", "\U0010FFFF", "\u0130", "\u1e9e", "\ufb01", "\u3000", "\u0660",
    ];

    /// <summary>Bytes that are no UTF-8: a lone lead, a lone continuation, an overlong slash, half a surrogate pair, beyond the last character.</summary>
    internal static IReadOnlyList<byte[]> NoUtf8 { get; } =
    [
        [0xC3], [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF],
    ];
}
