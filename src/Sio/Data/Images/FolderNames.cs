using System.Globalization;

namespace Sio.Data.Images;

/// <summary>
/// The order of class folders. Names that are all whole numbers go by value, so that class 2 comes before class 10 as it does in arrays of
/// labels; torchvision
/// takes 0, 1, 10, 2. Others go by their characters, as in torchvision.
/// </summary>
internal static class FolderNames
{
    /// <summary>The number that a name is, with or without zeros before it; null where it is none.</summary>
    internal static int? Number(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The numbers of names that are all numbers, each another one; else null.</summary>
    internal static int[]? Numbers(IReadOnlyList<string> names)
    {
        var numbers = names.Select(Number).ToArray();
        return numbers.Length > 0 && numbers.All(number => number is not null) && numbers.Distinct().Count() == numbers.Length ? [.. numbers.Select(number => number!.Value)] : null;
    }

    /// <summary>The names in the order of their classes.</summary>
    internal static string[] Ordered(IEnumerable<string> names)
    {
        string[] sorted = [.. names.Order(StringComparer.Ordinal)];
        return sorted.All(name => Number(name) is not null) ? [.. sorted.OrderBy(Number)] : sorted;
    }
}
