using System.Globalization;
using System.Text;

namespace Sio.Experiments.Reproduction;

/// <summary>A job-array script: one task per training, chosen by the array index, so that no coordinator is needed. A task that is run again goes on from its checkpoint.</summary>
public static class SlurmScript
{
    /// <summary>Writes the script's text.</summary>
    /// <param name="plan">The grid.</param>
    /// <param name="command">The command that makes this plan, word by word: how the program is started, <c>reproduce</c>, and its arguments, without <c>--slurm</c>.</param>
    /// <param name="folder">Where the command is called: what relative paths of arguments, recipes and tables start at, wherever the script is submitted.</param>
    public static string Write(TablePlan plan, IReadOnlyList<string> command, string folder)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(command);
        var text = new StringBuilder();
        text.Append("#!/bin/bash\n")
            .Append(CultureInfo.InvariantCulture, $"# {plan.Table.Title}: {plan.Cells.Count} trainings. Submit with 'sbatch', then print the table with the same command without --cell.\n")
            .Append("#SBATCH --job-name=sio\n")
            .Append(CultureInfo.InvariantCulture, $"#SBATCH --array=0-{plan.Cells.Count - 1}\n")
            .Append("#SBATCH --output=sio-%A-%a.log\n")
            .Append("# Add what your cluster needs, such as --time, --partition, --gres=gpu:1, --cpus-per-task.\n")
            .Append("set -eu\n");
        foreach (var cell in plan.Cells)
            text.Append(CultureInfo.InvariantCulture, $"# {cell.Index}: {cell.Label}\n");
        return text.Append(CultureInfo.InvariantCulture, $"cd {Quoted(Path.GetFullPath(folder))}\n").Append("exec ").AppendJoin(' ', command.Select(Quoted)).Append(" --cell \"$SLURM_ARRAY_TASK_ID\"\n").ToString();
    }

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=,:+".Contains(c, StringComparison.Ordinal)) ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
