using System.CommandLine;
using System.Globalization;
using Sio.Data;
using Sio.Detection;

namespace Sio.Cli.Commands;

/// <summary>The options that name a TorchScript model and the normalisation of its images, the same in every command that has them.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _model;

    private readonly Option<string?> _mean = new("--mean")
    {
        Description = "Means of the normalisation the model was trained with, per channel, on the scale 0 to 1.", HelpName = "0.49,0.48,0.45",
    };

    private readonly Option<string?> _std = new("--std")
    {
        Description = "Its standard deviations.", HelpName = "0.25,0.24,0.26",
    };

    internal ModelOptions(string description) => _model = new Option<string?>("--model") { Description = description, HelpName = "MODEL.pt" };

    internal void AddTo(Command command)
    {
        foreach (var option in new Option[] { _model, _mean, _std })
            command.Options.Add(option);
    }

    /// <summary>The model's file; null where the option was left out.</summary>
    internal string? Path(ParseResult parsed) => parsed.GetValue(_model);

    /// <summary>Means and deviations, null where left out.</summary>
    internal (float[]? Mean, float[]? Std) Normalization(ParseResult parsed)
    {
        var (mean, std) = (Numbers(parsed.GetValue(_mean), "--mean"), Numbers(parsed.GetValue(_std), "--std"));
        if ((mean ?? std) is not null && Path(parsed) is null)
            throw new UsageException($"{(mean is null ? "--std" : "--mean")} goes with --model");
        if (mean is not null && std is null)
            throw new UsageException("--mean needs --std beside it");
        if (mean is not null && std is not null && mean.Length != std.Length)
            throw new UsageException($"--mean has {mean.Length} values and --std {std.Length}, one per channel was expected in each");
        return NormalizationFile.IsValid(mean, std) ? (mean, std) : throw new UsageException("the values of --mean must be finite, those of --std above 0 too");
    }

    /// <summary>Means and deviations together; null where both were left out.</summary>
    internal Normalization? Both(ParseResult parsed) => Normalization(parsed) switch
    {
        ({ } mean, { } std) => new Normalization(mean, std),
        (null, null) => null,
        _ => throw new UsageException("--std needs --mean beside it"),
    };

    private static float[]? Numbers(string? text, string option) => DetectorOptions.Split(text, option)?.Select(part =>
        float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new UsageException($"{option}: '{part}' is no number, values between commas were expected, such as 0.49,0.48,0.45")).ToArray();
}
