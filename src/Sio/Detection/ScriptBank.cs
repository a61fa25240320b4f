using System.Text.RegularExpressions;
using Sio.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// A folder of images and a TorchScript model that makes features and logits of them: <c>&lt;set&gt;_images.npy</c> for <c>train</c>, <c>val</c>, <c>val_ood</c>, <c>test_id</c>,
/// <c>test_&lt;OOD set&gt;</c> and <c>shifted_&lt;set&gt;</c>, or <c>images_id.npy</c> and <c>images_&lt;OOD set&gt;.npy</c>; labels of the ID sets are in <c>&lt;set&gt;_labels.npy</c>. A set
/// that has images gets its features from the model, in one pass, and keeps the way to the images, for detectors that look at gradients; one that has none is read as
/// <see cref="BankFolder"/> does.
/// </summary>
/// <remarks>
/// float32 images (N,C,H,W) are normalised already; uint8 images, (N,H,W,C) or (N,H,W), are raw. Where no normalisation is given, the folder's
/// <see cref="NormalizationFile"/> has it. The standard deviation is needed for float32 images too by detectors that take a step in pixel values: these are refused
/// where it is not known, since a guess would change their scores.
/// </remarks>
public sealed partial class ScriptBank : IBankSource, IDisposable
{
    private const string Suffix = "_images.npy";
    private const string Prefix = "images_";

    // Features of another model are off by about the size of the logits; those stored in 16 bits by less than this.
    private const double OtherModel = 0.05;

    private static readonly string s_test = BankFolder.OodSet(string.Empty);
    private static readonly string s_shifted = BankFolder.ShiftedSet(string.Empty);

    private readonly BankFolder _folder;
    private readonly jit.ScriptModule _module;
    private readonly ScriptModel _model;
    private readonly float[]? _mean;
    private readonly float[]? _std;
    private readonly Dictionary<string, BankImageFile> _images = new(StringComparer.Ordinal);
    private (Tensor Weight, Tensor Bias)? _head;
    private (long Features, long Classes) _sizes;
    private int _done;

    /// <summary>Names a folder and a model.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="module">The model, which stays its owner's: normalised images → (logits, features).</param>
    /// <param name="mean">Per channel, on the scale 0 to 1; needed for raw images.</param>
    /// <param name="std">Per channel, above 0; with neither, the folder's <see cref="NormalizationFile"/> is asked.</param>
    /// <exception cref="DataException">The folder's normalisation is damaged.</exception>
    public ScriptBank(BankFolder folder, jit.ScriptModule module, float[]? mean = null, float[]? std = null)
    {
        _folder = folder ?? throw new ArgumentNullException(nameof(folder));
        _module = module ?? throw new ArgumentNullException(nameof(module));
        (_mean, _std) = (mean, std);
        if (mean is null && std is null && NormalizationFile.Read(folder.Path) is { } there)
            (_mean, _std) = (there.Mean, there.Std);
        _model = new ScriptModel(module, _std);
    }

    /// <inheritdoc/>
    public string Path => _folder.Path;

    /// <summary>Is told how many images have gone through the model, and how many there are.</summary>
    public Action<int, int>? Progress { get; init; }

    /// <summary>Stops between batches.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> OodSets => [.. _folder.OodSets.Concat(ImageSets().Where(set => IsTest(set) && set != BankFolder.Id)).Distinct().Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public IReadOnlyList<string> ShiftedSets => [.. _folder.ShiftedSets.Concat(ImageSets().Where(set => BankFolder.IsId(set) && set.StartsWith(s_shifted, StringComparison.Ordinal))).Distinct().Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public bool Has(string set) => FileOf(set) is not null || _folder.Has(set);

    /// <inheritdoc/>
    public (Tensor Weight, Tensor Bias)? ReadHead()
    {
        if (!Directory.Exists(Path))
            throw new DataException($"{Path}: not found, a folder with test_id{Suffix}, test_near{Suffix}, … was expected");
        foreach (var set in ImageSets().Where(set => !_images.ContainsKey(set)))
            _images[set] = BankImageFile.Open(FileOf(set)!, _mean, _std, _folder.MapFrom);
        if (_images.Count == 0)
            throw new DataException($"{Path}: holds no images for the model, at least test_id{Suffix} or {Prefix}id.npy was expected");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var first = _images.OrderBy(entry => entry.Key != BankFolder.Id).First().Value.First(HeadFinder.Images);
        var (logits, features) = _model.Forward(first);
        ModelCheck.RefuseTrainingMode(_model, first);
        _sizes = (features.size(1), logits.size(1));
        _head?.Weight.Dispose();
        _head?.Bias.Dispose();
        _head = null;
        if (_folder.HasHead)
        {
            var (weight, bias) = _folder.ReadHead();
            if ((weight.size(1), weight.size(0)) != _sizes || !(HeadFinder.Deviation(features, logits, weight, bias) <= HeadFinder.Tolerance))
            {
                throw new DetectionException(
                    $"{Path}: fc_weight.npy {weight} and fc_bias.npy do not give the model's logits: the model returned {logits} as logits and {features} as features; (logits, features) of the network whose last layer this is was expected");
            }

            _head = (weight.DetachFromDisposeScope(), bias.DetachFromDisposeScope());
        }
        else if (ScriptHead.Find(_module, logits, features) is { } found)
        {
            _head = (found.Weight.DetachFromDisposeScope(), found.Bias.DetachFromDisposeScope());
        }

        _folder.Expect(_sizes.Features, _sizes.Classes);
        return _head is { } head ? (scope.MoveToOuter(head.Weight.alias()), scope.MoveToOuter(head.Bias.alias())) : null;
    }

    /// <inheritdoc/>
    public FeatureBank Read(string set)
    {
        if (_sizes == default)
            throw new InvalidOperationException("read the last layer first");
        return _images.TryGetValue(set, out var images) ? Run(set, images) : ReadFeatures(set);
    }

    /// <summary>Closes the images; banks that have been read can do without them only as features.</summary>
    public void Dispose()
    {
        _head?.Weight.Dispose();
        _head?.Bias.Dispose();
        foreach (var images in _images.Values)
            images.Dispose();
        _images.Clear();
    }

    /// <summary>The file of a set's images in a bank.</summary>
    internal static string ImagesPath(string folder, string set) => System.IO.Path.Combine(folder, set + Suffix);

    /// <summary>Writes a set's images, as they are: uint8 (N,H,W,C).</summary>
    /// <param name="folder">The bank's folder.</param>
    /// <param name="set">The set's name in the bank.</param>
    /// <param name="images">The images.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteImages(string folder, string set, ImageSet images)
    {
        ArgumentNullException.ThrowIfNull(images);
        AtomicFile.Write(ImagesPath(folder, set), stream =>
        {
            new NpyHeader(NpyType.UInt8, BigEndian: false, FortranOrder: false, [images.Count, images.Height, images.Width, images.Channels]).Write(stream);
            var (plane, pixels) = (images.Height * images.Width, new byte[images.ImageLength]);
            for (var i = 0; i < images.Count; i++)
            {
                var image = images.Image(i);
                for (var c = 0; c < images.Channels; c++)
                {
                    for (var at = 0; at < plane; at++)
                        pixels[(at * images.Channels) + c] = image[(c * plane) + at];
                }

                stream.Write(pixels);
            }
        });
    }

    private static bool IsOod(string set) => !BankFolder.IsId(set);

    private static bool IsTest(string set) => set.StartsWith(s_test, StringComparison.Ordinal);

    private FeatureBank Run(string set, BankImageFile images)
    {
        var labels = Labels(set, images.Count);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (features, logits) = (torch.empty([images.Count, _sizes.Features]), torch.empty([images.Count, _sizes.Classes]));
        var (total, start) = (_images.Values.Sum(file => file.Count), 0);
        foreach (var batch in images.Batches())
        {
            using (batch)
            {
                Cancellation.ThrowIfCancellationRequested();
                using var step = NewDisposeScope();
                var (logit, feature) = _model.Forward(batch);
                if ((feature.size(1), logit.size(1)) != _sizes)
                    throw new DetectionException($"{set}: the model returns {logit} and {feature} for its images, expected {_sizes.Classes} logits and {_sizes.Features} features as for other images");
                var count = (int)batch.size(0);
                features.narrow(0, start, count).copy_(feature);
                logits.narrow(0, start, count).copy_(logit);
                start += count;
                Progress?.Invoke(_done += count, total);
            }
        }

        return new FeatureBank(set, features, logits, labels ?? [.. Enumerable.Repeat(ImageSet.OodLabel, images.Count)])
        {
            HasLabels = labels is not null || IsOod(set),
            Images = new BankImages(_model, images.Batches),
        };
    }

    // Features beside images of another set: both have to be of one model, or the scores mean nothing.
    private FeatureBank ReadFeatures(string set)
    {
        var bank = _folder.Read(set);
        if (_head is not { } head)
            return bank;
        using var scope = NewDisposeScope();
        var count = Math.Min(HeadFinder.Images, bank.Count);
        if (HeadFinder.Deviation(bank.Features.narrow(0, 0, count), bank.Logits.narrow(0, 0, count), head.Weight, head.Bias) <= OtherModel)
            return bank;
        bank.Dispose();
        throw new DetectionException($"{Path}: {set}_features.npy and {set}_logits.npy are another model's: the last layer of this one gives other logits for these features");
    }

    // images_<set>.npy may be the first images of a larger set.
    private int[]? Labels(string set, int count)
    {
        if (IsOod(set))
            return null;
        return _folder.ReadLabels(set, count, _sizes.Classes, orMore: !FileOf(set)!.EndsWith(Suffix, StringComparison.Ordinal));
    }

    private IEnumerable<string> ImageSets() => !Directory.Exists(Path) ? [] : Directory.EnumerateFiles(Path, "*.npy")
        .Select(file => SetOf(System.IO.Path.GetFileName(file)))
        .OfType<string>()
        .Distinct();

    private string? FileOf(string set)
    {
        var name = IsTest(set) ? set[s_test.Length..] : set;
        return new[] { set + Suffix, $"{Prefix}{name}.npy" }.Select(file => System.IO.Path.Combine(Path, file)).FirstOrDefault(File.Exists);
    }

    private static string? SetOf(string file)
    {
        if (OwnName().Match(file) is { Success: true } own)
            return own.Groups[1].Value;
        if (ReferenceName().Match(file) is not { Success: true } match)
            return null;
        var name = match.Groups[1].Value;
        return name is BankFolder.Train or BankFolder.Validation or BankFolder.ValidationOod || name.StartsWith(s_shifted, StringComparison.Ordinal) ? name : BankFolder.OodSet(name);
    }

    [GeneratedRegex("^(train|val|val_ood|test_.+|shifted_.+)_images\\.npy$", RegexOptions.CultureInvariant)]
    private static partial Regex OwnName();

    // Names of other things that begin in the same way: images_near_features.npy, images_scores_odin_near.npy.
    [GeneratedRegex("^images_(?!scores_)(.+)(?<!_features|_logits|_labels|_images)\\.npy$", RegexOptions.CultureInvariant)]
    private static partial Regex ReferenceName();
}
