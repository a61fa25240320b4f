using System.Globalization;

namespace Sio.Fuzz.Running;

/// <summary>The table of a run: a line per target as it ends, and the findings below.</summary>
internal static class Summary
{
    internal static void Print(Report report, bool isFirst)
    {
        if (isFirst)
            Console.WriteLine($"{"target",-20} {"inputs",9} {"accepted",9} {"rejected",9} {"findings",9} {"inputs/s",9}");
        var rate = report.Inputs / Math.Max(report.Time.TotalSeconds, 1e-6);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Target,-20} {report.Inputs,9} {report.Accepted,9} {report.Rejected,9} {report.Findings.Count,9} {rate,9:F0}"));
    }

    internal static void PrintEnd(IReadOnlyList<Report> reports, long seed)
    {
        var total = new Report("all", reports.Sum(r => r.Inputs), reports.Sum(r => r.Accepted), reports.Sum(r => r.Rejected), [.. reports.SelectMany(r => r.Findings)], TimeSpan.FromSeconds(reports.Sum(r => r.Time.TotalSeconds)));
        Print(total, isFirst: false);
        foreach (var fault in total.Faults)
        {
            var count = total.Findings.Count(finding => finding.Fault == fault.Fault);
            Console.WriteLine();
            Console.WriteLine($"{fault.Fault} ({count} inputs; --target {fault.Target} --seed {seed} --first {fault.Input} --inputs 1)");
            Console.WriteLine(fault.Text.Length <= 1500 ? fault.Text : fault.Text[..1500] + "…");
        }
    }
}
