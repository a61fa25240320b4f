using System.CommandLine;
using Sio.Cli.Output;
using Sio.Experiments.Inspection;

namespace Sio.Cli.Commands;

/// <summary><c>sio generate inspect</c>: how good a synthetic set is, and a better part of it.</summary>
internal static class GenerateInspectCommand
{
    private static readonly Argument<string> s_set = new("set") { Description = "The synthetic images: an .npz, a folder with images.npy and labels.npy, a folder with a folder of image files per class, or shipped:NAME.", HelpName = "SET" };

    private static readonly Option<string> s_against = new("--against")
    {
        Description = "The real images: a benchmark such as fashion_mnist_6_4, a recipe (.yml), or an .npz or a folder like SET.", HelpName = "DATASET", Required = true,
    };

    private static readonly Option<string?> s_heldOut = new("--held-out") { Description = "Real images that the generator has not seen, where DATASET is a file or a folder; a fifth of it when left out.", HelpName = "PATH" };
    private static readonly Option<string?> s_output = new("--out") { Description = "Folder for inspect.json, pictures and the classifiers, which a later call takes up; runs/inspect/<name of SET> when left out.", HelpName = "DIR" };
    private static readonly Option<string?> s_classifier = new("--classifier") { Description = "A run whose classifier gives the features; a small one is trained on the real images when left out.", HelpName = "RUN" };
    private static readonly Option<string?> s_data = new("--data") { Description = "Folder of the data set (key data.folder).", HelpName = "DIR" };
    private static readonly Option<string[]> s_overrides = new("--set") { Description = "Override a key of the classifier's recipe, e.g. --set training.epochs=4. May be given several times.", HelpName = "key=value" };
    private static readonly Option<bool> s_noTraining = new("--no-training") { Description = "Train no classifier on the synthetic images: half the time, and no measure of what they teach." };
    private static readonly Option<int> s_k = new("--k") { Description = "Neighbour that the balls of precision, recall, density and coverage reach to (5 in Naeem et al. 2020, 3 in Kynkäänniemi et al. 2019).", HelpName = "K", DefaultValueFactory = _ => 5 };
    private static readonly Option<int> s_images = new("--images") { Description = "Images a side, at most, for the measures that depend on their number.", HelpName = "N", DefaultValueFactory = _ => 5000 };
    private static readonly Option<long> s_seed = new("--seed") { Description = "Seed of the choice of those images.", HelpName = "N", DefaultValueFactory = _ => 0 };

    private static readonly Option<double> s_quantile = new("--copy-quantile")
    {
        Description = "Share of held-out real images that lie so near to a training image, in pixels, that a synthetic image there counts as a suspected copy.", HelpName = "Q", DefaultValueFactory = _ => 0.01,
    };

    private static readonly Option<string?> s_write = new("--write") { Description = "Write the images that the filters keep as a new set: a name ending in .npz, or a folder. Its provenance comes with it.", HelpName = "SET" };
    private static readonly Option<bool> s_agreeing = new("--keep-agreeing") { Description = "Filter: keep images in which the real-data classifier sees their label." };
    private static readonly Option<bool> s_copies = new("--drop-copies") { Description = "Filter: drop suspected copies." };
    private static readonly Option<double?> s_top = new("--quality-top") { Description = "Filter: keep this share of each class's images that are left, the best.", HelpName = "Q" };
    private static readonly Option<QualityMeasure> s_quality = new("--quality") { Description = "What is best: confidence (the classifier's probability of the label) or realism (how deep among real images; Kynkäänniemi et al. 2019).", HelpName = "confidence|realism" };
    private static readonly Option<string?> s_weightsFile = new("--write-weights") { Description = "Write a weight for each image, for training with synthetic.weights.", HelpName = "FILE.npy" };

    private static readonly Option<WeightMeasure?> s_weights = new("--weights")
    {
        Description = "What the weights are: agreement (1 where the classifier sees the label, else 0), confidence (its probability of the label; the default) or realism (at most 1).", HelpName = "agreement|confidence|realism",
    };

    static GenerateInspectCommand()
    {
        s_k.Require<int>(k => k >= 1, "expected a number from 1");
        s_images.Require<int>(count => count >= 2, "expected a number from 2");
        s_quantile.Require<double>(share => share is > 0 and < 1, "expected a number between 0 and 1");
        s_top.Require<double>(share => share is > 0 and <= 1, "expected a number above 0 and at most 1");
        s_overrides.Validators.Add(result =>
        {
            foreach (var text in result.Tokens.Select(token => token.Value).Where(text => text.IndexOf('=', StringComparison.Ordinal) < 1))
                result.AddError($"--set '{text}': expected key=value");
        });
    }

    internal static Command Create()
    {
        var command = new Command("inspect", "Say how good a synthetic set is, each measure beside its value for real images: how its images lie among real ones (on a classifier's features), whether a classifier sees their labels in them, what they teach one, and whether they are copies of training images. Optionally write a filtered set.");
        Help.SetExamples(
            command,
            "sio generate inspect shipped:synthetic-fashion-mnist-6 --against fashion_mnist_6_4",
            "sio generate inspect my-images.npz --against my-recipe.yml --classifier runs/mine",
            "sio generate inspect my-images.npz --against fashion_mnist_6_4 --keep-agreeing --drop-copies --quality-top 0.8 --write better.npz",
            "sio generate inspect my-images.npz --against fashion_mnist_6_4 --weights realism --write-weights weights.npy");
        command.Arguments.Add(s_set);
        foreach (var option in new Option[]
        {
            s_against, s_heldOut, s_output, s_classifier, s_data, s_overrides, s_noTraining, s_k, s_images, s_seed, s_quantile, s_agreeing, s_copies, s_top, s_quality, s_write, s_weights, s_weightsFile,
        })
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var filter = new InspectionFilter
        {
            KeepAgreeing = parsed.GetValue(s_agreeing),
            DropCopies = parsed.GetValue(s_copies),
            QualityTop = parsed.GetValue(s_top),
            Quality = parsed.GetValue(s_quality),
        };
        var target = parsed.GetValue(s_write);
        if (filter.IsEmpty != target is null)
            throw new UsageException(target is null ? "a filter needs --write SET, where the images that it keeps go" : "--write needs a filter: --keep-agreeing, --drop-copies or --quality-top");
        if (filter.Quality != QualityMeasure.Confidence && filter.QualityTop is null)
            throw new UsageException("--quality needs --quality-top");
        var (weightsFile, measure) = (parsed.GetValue(s_weightsFile), parsed.GetValue(s_weights));
        if (weightsFile is null && measure is not null)
            throw new UsageException("--weights needs --write-weights FILE.npy, where they go");
        if (target is not null)
            FilteredSet.Refuse(target);
        if (weightsFile is not null)
            QualityWeights.Refuse(weightsFile);

        using var interruption = new Interruption();
        using var progress = new Progress();
        var inspection = Inspector.Inspect(Plan(parsed, filter, measure), progress, interruption.Token);
        InspectionTable.Print(inspection.Results);
        if (target is not null)
            InspectionTable.Print(FilteredSet.Write(target, inspection, filter), target);
        if (weightsFile is not null)
            InspectionTable.Print(QualityWeights.Write(weightsFile, inspection, measure ?? WeightMeasure.Confidence), weightsFile);
        return ExitCodes.Success;
    }

    private static InspectionPlan Plan(ParseResult parsed, InspectionFilter filter, WeightMeasure? weights)
    {
        var set = parsed.GetValue(s_set)!;
        var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(set[(set.IndexOf(':', StringComparison.Ordinal) + 1)..]));
        string[] folder = parsed.GetValue(s_data) is { } data ? [$"data.folder='{data.Replace("'", "''", StringComparison.Ordinal)}'"] : [];
        return new InspectionPlan
        {
            Set = set,
            Against = parsed.GetValue(s_against)!,
            HeldOut = parsed.GetValue(s_heldOut),
            Output = Path.GetFullPath(parsed.GetValue(s_output) ?? Path.Combine("runs", "inspect", name.Length == 0 ? "set" : name)),
            Classifier = parsed.GetValue(s_classifier),
            Overrides = [.. folder, .. parsed.GetValue(s_overrides) ?? []],
            TrainOnSynthetic = !parsed.GetValue(s_noTraining),
            K = parsed.GetValue(s_k),
            MaxImages = parsed.GetValue(s_images),
            Seed = parsed.GetValue(s_seed),
            CopyQuantile = parsed.GetValue(s_quantile),
            WithRealism = weights == WeightMeasure.Realism || filter is { QualityTop: not null, Quality: QualityMeasure.Realism },
        };
    }
}
