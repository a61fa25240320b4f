using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Recipes;

namespace Sio.Experiments.Reproduction;

/// <summary>A table of a paper as a YAML file: which trainings it needs, in which arms, and which detector on which training makes each row.</summary>
[Describe("A table of experiments: 'sio reproduce' makes it.")]
public sealed record TableFile
{
    /// <summary>Title.</summary>
    [Describe("What stands above the table.")]
    public required string Title { get; init; }

    /// <summary>Columns of the paper's figures.</summary>
    [Describe("Which of the paper's figures stand beside ours with --with-paper: cifar10 or cifar100; empty for none.")]
    public string? Paper { get; init; }

    /// <summary>Training images.</summary>
    [Describe("Real training images, for the plan's cost alone.")]
    [Range(1, int.MaxValue)]
    public required int TrainImages { get; init; }

    /// <summary>Runs.</summary>
    [Describe("Seeds per training and arm, from 0 on.")]
    [Range(1, 1000)]
    public int Runs { get; init; } = 3;

    /// <summary>Trainings.</summary>
    [Describe("The recipe of each training, name: path; relative paths start at this file's folder. The baseline arm leaves out what it says under synthetic.")]
    public required Dictionary<string, string> Trainings { get; init; }

    /// <summary>The SIO arm.</summary>
    [Describe("What the SIO arm has that the baseline has not, as recipe overrides, e.g. [synthetic.real_ratio=0.8]; the synthetic set is given here or with --synthetic.")]
    public IReadOnlyList<string> Sio { get; init; } = [];

    /// <summary>Fast settings.</summary>
    [Describe("Recipe overrides with --fast: a smaller network, fewer epochs.")]
    public IReadOnlyList<string> Fast { get; init; } = [];

    /// <summary>Rows.</summary>
    [Describe("The rows, in order.")]
    public required IReadOnlyList<TableRow> Rows { get; init; }

    /// <summary>Where it was read, for messages.</summary>
    internal string Source { get; init; } = "the table";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The table, its paths absolute.</returns>
    /// <exception cref="DataException">The file is missing, or its rows and trainings do not go together.</exception>
    /// <exception cref="RecipeException">A key is unknown, missing, or has a value of another type.</exception>
    public static TableFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new DataException($"{path}: not found, a table file (YAML with trainings and rows) was expected");
        var table = RecipeReader.Read<TableFile>(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (table.Rows.Count == 0)
            throw new DataException($"{path}: has no rows");
        foreach (var row in table.Rows.Where(row => !table.Trainings.ContainsKey(row.Training)))
            throw new DataException($"{path}: the row {row.Method} asks for the training '{row.Training}', which is none of {string.Join(", ", table.Trainings.Keys)}");
        if (table.Rows.GroupBy(row => row.Method, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new DataException($"{path}: has the row {twice.Key} twice");
        return table with { Source = path, Trainings = table.Trainings.ToDictionary(entry => entry.Key, entry => Path.GetFullPath(entry.Value, folder)) };
    }
}

/// <summary>A row: one method.</summary>
public sealed record TableRow
{
    /// <summary>Method.</summary>
    [Describe("The method's name, as the paper has it.")]
    public required string Method { get; init; }

    /// <summary>Group.</summary>
    [Describe("The part of the table: inference, training or data.")]
    public required string Group { get; init; }

    /// <summary>Training.</summary>
    [Describe("Which of the trainings it scores.")]
    public required string Training { get; init; }

    /// <summary>Detector.</summary>
    [Describe("The detector that scores.")]
    public required string Detector { get; init; }
}
