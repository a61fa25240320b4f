using System.CommandLine;
using System.Globalization;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Experiments;
using Sio.Generation;

namespace Sio.Cli.Commands;

/// <summary><c>sio generate sample</c>: a set of synthetic images, or a piece of one.</summary>
internal static class GenerateSampleCommand
{
    private static readonly string[] s_changeable = ["threads=", "device=", "diffusion.sampling."];

    internal static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The folder of a trained generator.", HelpName = "DIR" };
        var perClass = new Option<int>("--per-class") { Description = "Images of each class in the whole set.", HelpName = "N", Required = true };
        var seed = new Option<int>("--seed") { Description = "Seed of the set; 0 when left out.", HelpName = "S" };
        var output = new Option<string>("--out") { Description = "Where to: a folder, or a name that ends in .npz.", HelpName = "SET", Required = true };
        var from = new Option<int>("--from") { Description = "Make a piece: place of its first image in the whole set, from 0.", HelpName = "I" };
        var count = new Option<int?>("--count") { Description = "Make a piece: how many images.", HelpName = "N" };
        var snapshot = new Option<long?>("--snapshot") { Description = "Use the weights that were kept after this step, not the last ones.", HelpName = "STEP" };
        var set = new Option<string[]>("--set") { Description = "Where to compute: threads=N, device=cuda; how samples are drawn, e.g. diffusion.sampling.guidance=1.5.", HelpName = "key=value" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a set of that name." };
        perClass.Require<int>(value => value >= 1, "expected a number from 1");
        seed.Require<int>(value => value >= 0, "expected a number from 0");
        from.Require<int>(value => value >= 0, "expected a number from 0");
        count.Require<int>(value => value >= 1, "expected a number from 1");
        set.Validators.Add(result =>
        {
            foreach (var text in result.Tokens.Select(token => token.Value))
            {
                if (!s_changeable.Any(key => text.StartsWith(key, StringComparison.Ordinal)))
                    result.AddError($"--set '{text}': expected threads=N, device=NAME or diffusion.sampling.KEY=VALUE, the rest is as the generator was trained");
            }
        });
        var command = new Command(
            "sample", "Make synthetic images with a trained generator: images, labels (the data set's own) and provenance.json. An image's bytes depend on the generator, the seed, its class and its number alone, so a set can be made in pieces (--from, --count) on several machines and joined.");
        Help.SetExamples(
            command,
            "sio generate sample runs/gan --per-class 1500 --seed 0 --out synthetic.npz",
            "sio generate sample runs/gan --per-class 5000 --out piece2 --from 25000 --count 25000");
        command.Arguments.Add(run);
        foreach (var option in new Option[] { perClass, seed, output, from, count, snapshot, set, overwrite })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var target = parsed.GetValue(output)!;
            RefuseExisting(target, parsed.GetValue(overwrite));
            using var interruption = new Interruption();
            var folder = new GeneratorFolder(parsed.GetValue(run)!);
            using var progress = new Progress();
            progress.Begin("sampling");
            var started = System.Diagnostics.Stopwatch.StartNew();
            var made = SetSampler.Sample(
                folder, parsed.GetValue(snapshot), parsed.GetValue(perClass), parsed.GetValue(seed), parsed.GetValue(from), parsed.GetValue(count), parsed.GetValue(set), progress,
                interruption.Token);
            made.Write(target);
            progress.End(string.Create(CultureInfo.InvariantCulture, $"{made.Provenance.Count} images in {started.Elapsed.TotalSeconds:F1} s"));
            Tell(target, made);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Refuses to write over a set without being asked to.</summary>
    internal static void RefuseExisting(string path, bool overwrite)
    {
        if (!overwrite && SampledSet.Exists(path))
            throw new DataException($"{path} exists already: --overwrite replaces it, or choose another --out");
    }

    /// <summary>Says what has been written.</summary>
    internal static void Tell(string path, SampledSet set) =>
        Console.WriteLine($"Set: {path}, images sha256 {set.Provenance.ImagesSha256}; provenance: {SampledSet.ProvenancePath(path)}");
}
