using System.CommandLine;
using System.Globalization;
using Sio.Cli.Output;

namespace Sio.Cli.Commands;

/// <summary>The options that change keys of a recipe, the same in every command that has them.</summary>
internal sealed class RecipeOptions
{
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Override a recipe key, e.g. --set training.epochs=20. May be given several times.", HelpName = "key=value",
    };

    private readonly Option<string?> _synthetic = new("--synthetic")
    {
        Description = "Synthetic images: an .npz, a folder with images.npy and labels.npy, a folder with a folder of image files per class, or shipped:NAME (key synthetic.path).", HelpName = "PATH",
    };

    private readonly Option<double?> _ratio = new("--real-ratio")
    {
        Description = "Share of real images in each batch, 0 to 1 (key synthetic.real_ratio).", HelpName = "R",
    };

    private readonly Option<string?> _objective = new("--objective")
    {
        Description = "Training method; 'sio objectives' lists them (key objective.name).", HelpName = "NAME",
    };

    private readonly Option<string?> _auxiliary = new("--auxiliary")
    {
        Description = "Auxiliary (outlier) images, for methods that need some (key objective.auxiliary).", HelpName = "PATH",
    };

    private readonly Option<int?> _seed = new("--seed") { Description = "Seed of the run (key seed).", HelpName = "N" };

    private readonly Option<string?> _mnist = new("--mnist")
    {
        Description = "Folder with MNIST's t10k IDX files, one more far-OOD set (key data.mnist).", HelpName = "DIR",
    };

    private readonly Option<string?> _data = new("--data") { Description = "Folder of the data set (key data.folder).", HelpName = "DIR" };

    internal RecipeOptions()
    {
        _ratio.Require<double>(ratio => ratio is >= 0 and <= 1, "expected a number from 0 to 1");
        _seed.Require<int>(seed => seed >= 0, "expected a number from 0");
        _set.Validators.Add(result =>
        {
            foreach (var text in result.Tokens.Select(token => token.Value).Where(text => text.IndexOf('=', StringComparison.Ordinal) < 1))
                result.AddError($"--set '{text}': expected key=value");
        });
    }

    internal void AddTo(Command command)
    {
        foreach (var option in new Option[] { _synthetic, _ratio, _objective, _auxiliary, _seed, _data, _mnist, _set })
            command.Options.Add(option);
    }

    /// <summary>What was given, as recipe overrides; <c>--set</c> has the last word.</summary>
    internal IEnumerable<string> Overrides(ParseResult parsed)
    {
        if (parsed.GetValue(_synthetic) is { } synthetic)
            yield return $"synthetic.path={Quoted(synthetic)}";
        if (parsed.GetValue(_ratio) is { } ratio)
            yield return string.Create(CultureInfo.InvariantCulture, $"synthetic.real_ratio={ratio:R}");
        if (parsed.GetValue(_objective) is { } objective)
            yield return $"objective.name={Quoted(objective)}";
        if (parsed.GetValue(_auxiliary) is { } auxiliary)
            yield return $"objective.auxiliary={Quoted(auxiliary)}";
        if (parsed.GetValue(_seed) is { } seed)
            yield return string.Create(CultureInfo.InvariantCulture, $"seed={seed}");
        if (parsed.GetValue(_data) is { } data)
            yield return $"data.folder={Quoted(data)}";
        if (parsed.GetValue(_mnist) is { } mnist)
            yield return $"data.mnist={Quoted(mnist)}";
        foreach (var text in parsed.GetValue(_set) ?? [])
            yield return text;
    }

    /// <summary>A path as a recipe's value: values are read as YAML, and a path may have characters that mean something there.</summary>
    internal static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
}
