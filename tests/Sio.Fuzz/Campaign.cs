using System.Diagnostics;
using System.Globalization;

namespace Sio.Fuzz;

/// <summary>How a target did.</summary>
internal sealed record Tally(string Target)
{
    internal long Inputs { get; set; }

    internal long Accepted { get; set; }

    internal long Rejected { get; set; }

    internal List<(long Number, string Reason)> Findings { get; } = [];

    internal bool Hangs { get; set; }

    internal double Seconds { get; set; }
}

/// <summary>Runs a target on inputs one after the other.</summary>
/// <param name="target">The target.</param>
/// <param name="seed">The seed of all inputs.</param>
/// <param name="oracle">Judges.</param>
/// <param name="output">Where inputs go that are findings; null for nowhere.</param>
internal sealed class Campaign(FuzzTarget target, long seed, Oracle oracle, string? output = null)
{
    // One fault is found by many inputs.
    private const int MostOfOneKind = 3;

    private readonly Mutator _mutator = new(target.Seeds(), target.IsText);

    /// <summary>Runs.</summary>
    /// <param name="from">The number of the first input.</param>
    /// <param name="inputs">How many.</param>
    /// <param name="most">Stops after this time even so.</param>
    /// <param name="began">Is told each input's number before it is read, for one that ends the process.</param>
    internal Tally Run(long from, long inputs, TimeSpan? most = null, Action<long>? began = null)
    {
        var tally = new Tally(target.Name);
        var clock = Stopwatch.StartNew();
        var folder = Directory.CreateTempSubdirectory("sio-fuzz-").FullName;
        var path = Path.Combine(folder, target.FileName);
        try
        {
            for (var number = from; number < from + inputs && !(clock.Elapsed > most); number++)
            {
                var input = Input(number);
                File.WriteAllBytes(path, input);
                began?.Invoke(number);
                var verdict = oracle.Judge(target, path);
                tally.Inputs++;
                tally.Accepted += verdict.Outcome == Outcome.Accepted ? 1 : 0;
                tally.Rejected += verdict.Outcome == Outcome.Rejected ? 1 : 0;
                if (verdict.Outcome >= Outcome.Finding)
                    Note(tally, number, verdict.Reason, input);
                if (verdict.Outcome == Outcome.Hanging)
                {
                    tally.Hangs = true;
                    break;
                }
            }
        }
        finally
        {
            if (!tally.Hangs)
                Directory.Delete(folder, recursive: true);
        }

        tally.Seconds = clock.Elapsed.TotalSeconds;
        return tally;
    }

    /// <summary>The bytes of an input.</summary>
    internal byte[] Input(long number) => _mutator.Next(Mutator.RandomOf(target.Name, seed, number));

    /// <summary>Keeps a finding, if there are not enough of its kind yet.</summary>
    internal void Note(Tally tally, long number, string reason, byte[] input)
    {
        if (tally.Findings.Count(finding => Kind(finding.Reason) == Kind(reason)) >= MostOfOneKind)
            return;
        tally.Findings.Add((number, reason));
        if (output is null)
            return;
        Directory.CreateDirectory(output);
        File.WriteAllBytes(Path.Combine(output, $"{Mutator.NameOf(target.Name, seed, number)}-{target.FileName}"), input);
        File.AppendAllText(
            Path.Combine(output, "findings.txt"), string.Create(CultureInfo.InvariantCulture, $"{target.Name}\tseed {seed}\tinput {number}\t{reason}\n"));
    }

    // Figures and names in a message make no other kind.
    private static string Kind(string reason) => string.Concat(reason.Where(c => !char.IsAsciiDigit(c)))[..Math.Min(60, reason.Count(c => !char.IsAsciiDigit(c)))];
}
