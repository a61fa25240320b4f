using System.CommandLine;
using System.Text.Json;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Evaluation;

namespace Sio.Cli.Commands;

/// <summary><c>sio metrics</c>: the OOD metrics of two files of scores, as JSON.</summary>
internal static class MetricsCommand
{
    internal static Command Create()
    {
        var id = new Option<string>("--id") { Description = "Scores of in-distribution images: .npy, float32 or float64; higher means more in-distribution.", HelpName = "FILE.npy", Required = true };
        var ood = new Option<string>("--ood") { Description = "Scores of out-of-distribution images, likewise.", HelpName = "FILE.npy", Required = true };
        var command = new Command("metrics", "Print AUROC, AUPR (ID and OOD positive) and FPR@95 (ID positive; fpr95_ood: OOD positive, as OpenOOD 1.5 has it), in per cent, as a JSON object.");
        Help.SetExamples(command, "sio metrics --id scores/id.npy --ood scores/ood.npy");
        command.Options.Add(id);
        command.Options.Add(ood);
        command.SetAction(parsed =>
        {
            var metrics = Compute(parsed.GetValue(id)!, parsed.GetValue(ood)!);
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                auroc = metrics.Auroc, aupr_in = metrics.AuprIn, aupr_out = metrics.AuprOut, fpr95 = metrics.Fpr95, fpr95_ood = metrics.Fpr95Ood,
            }));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>The metrics of two files of scores.</summary>
    internal static OodMetrics Compute(string id, string ood) => Compute(Read(id), Read(ood));

    private static NpyArray Read(string path)
    {
        var array = Npy.Read(path);
        if (array.Type is not (NpyType.Float32 or NpyType.Float64) || array.Shape.Skip(1).Any(size => size != 1) || array.Shape.Length == 0)
            throw new DataException($"{path}: holds {array.Type} {array.ShapeText()}, expected one float32 or float64 score per image");
        return array;
    }

    private static OodMetrics Compute(NpyArray id, NpyArray ood)
    {
        try
        {
            // Two float32 files are compared as they are; a mixed pair exactly, in float64.
            return id.Type == NpyType.Float32 && ood.Type == NpyType.Float32
                ? OodMetrics.Compute(id.Elements<float>(), ood.Elements<float>())
                : OodMetrics.Compute(id.ToDoubles(), ood.ToDoubles());
        }
        catch (ArgumentException error)
        {
            throw new DataException($"{id.Source}, {ood.Source}: {error.Message}", error);
        }
    }
}
