namespace Sio.Fuzz.Running;

/// <summary>What came of a target.</summary>
internal sealed record Report(string Target, long Inputs, long Accepted, long Rejected, IReadOnlyList<Finding> Findings, TimeSpan Time)
{
    /// <summary>Findings that differ in more than the input.</summary>
    internal IReadOnlyList<Finding> Faults => [.. Findings.DistinctBy(finding => finding.Fault)];
}
