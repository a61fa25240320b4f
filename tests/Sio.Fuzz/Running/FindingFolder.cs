using System.Globalization;
using Sio.Fuzz.Targets;

namespace Sio.Fuzz.Running;

/// <summary>
/// Findings on disk: <c>TARGET/KIND-SEED-NUMBER/</c> with the file, under the name that it had, and <c>finding.txt</c>. Of a fault the first
/// few are kept.
/// </summary>
internal sealed class FindingFolder(string folder, long seed)
{
    private const int MostOfAFault = 3;

    private const string NoteName = "finding.txt";

    private readonly Dictionary<string, int> _saved = new(StringComparer.Ordinal);

    internal void Save(Finding finding, byte[] bytes)
    {
        var count = _saved.GetValueOrDefault(finding.Fault);
        _saved[finding.Fault] = count + 1;
        if (count >= MostOfAFault)
            return;
        var own = Path.Combine(folder, finding.Target, string.Create(CultureInfo.InvariantCulture, $"{finding.Kind}-{seed}-{finding.Input}"));
        var file = Path.Combine(own, finding.File);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
        File.WriteAllText(Path.Combine(own, NoteName), $"{finding.Fault}\nsio-fuzz --target {finding.Target} --replay {file}\n\n{finding.Text}\n");
    }

    /// <summary>The name that a file has in its target's folder: of a finding as it was, of another one as of a seed of that name or ending.</summary>
    internal static string NameOf(string path, FuzzTarget target)
    {
        var full = Path.GetFullPath(path);
        for (var own = Path.GetDirectoryName(full); own is not null; own = Path.GetDirectoryName(own))
        {
            if (File.Exists(Path.Combine(own, NoteName)))
                return Path.GetRelativePath(own, full);
        }

        var names = target.Seeds().Select(seed => seed.File).Distinct().ToArray();
        return names.FirstOrDefault(name => Path.GetFileName(name) == Path.GetFileName(full)) ?? names.FirstOrDefault(name => Path.GetExtension(name) == Path.GetExtension(full)) ?? names[0];
    }
}
