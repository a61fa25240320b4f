using System.Globalization;

namespace Sio.Data.Store;

/// <summary>Sizes for people.</summary>
public static class Size
{
    private static readonly string[] s_units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>A number of bytes with three digits and a decimal unit: 170 MB, 1.33 GB.</summary>
    /// <param name="bytes">The number, ≥ 0.</param>
    public static string Text(double bytes)
    {
        var unit = 0;
        while (bytes >= 999.5 && unit < s_units.Length - 1)
            (bytes, unit) = (bytes / 1000, unit + 1);
        var format = unit == 0 || bytes >= 99.95 ? "F0" : bytes >= 9.995 ? "F1" : "F2";
        return $"{bytes.ToString(format, CultureInfo.InvariantCulture)} {s_units[unit]}";
    }
}
