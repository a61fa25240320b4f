using System.Globalization;
using Sio.Data;
using Sio.Nn;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Generation;

/// <summary>Where a generator's training stands, apart from the tensors.</summary>
/// <param name="Model">Catalog name of the family.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Threads">Threads per operator; another count gives other last bits.</param>
/// <param name="Step">Steps done, which also says where the data order and the random numbers are.</param>
/// <param name="TotalSteps">Steps of the whole training.</param>
/// <param name="Sums">Sums of the measures since the last line of the log.</param>
/// <param name="Summed">Steps in those sums.</param>
/// <param name="LogBytes">Length of the log up to here; what follows it is dropped on resuming.</param>
/// <param name="Seconds">Time spent training so far.</param>
/// <param name="Watch">Where the watch for collapse stands.</param>
/// <param name="Settings">What else shapes the weights, by name: settings and the hash of the images.</param>
public sealed record GeneratorState(
    string Model, long Seed, int Threads, long Step, long TotalSteps, double[] Sums, long Summed, long LogBytes, double Seconds, CollapseState Watch,
    IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Whether the numbers can be those of a run.</summary>
    internal bool IsPossible => Step >= 0 && Step <= TotalSteps && Summed >= 0 && Summed <= Step && LogBytes >= 0 && Seconds >= 0 && Watch is { Failed: >= 0 } && Watch.LastPassed >= 0 && Watch.LastPassed <= Step;
}

/// <summary>
/// The <c>checkpoint/</c> folder of a generator's run: <c>last.safetensors</c> with all that is needed to go on bit for bit; <c>model.safetensors</c>, written at the end, with the
/// weights that samples are made with; <c>step-N.safetensors</c>, the same of an earlier step.
/// </summary>
public sealed class GeneratorCheckpoint
{
    private const string Format = "sio-generator-1";
    private const string SnapshotPattern = "step-*.safetensors";

    private readonly string _folder;
    private readonly StateFile<GeneratorState> _last;

    /// <summary>Names the folder; it is made on the first save.</summary>
    public GeneratorCheckpoint(string folder)
    {
        _folder = folder;
        _last = new StateFile<GeneratorState>(LastPath, Format, state => state.IsPossible);
    }

    /// <summary>The file with everything needed to go on.</summary>
    public string LastPath => Path.Combine(_folder, "last.safetensors");

    /// <summary>The file with the trained weights; there once training is complete.</summary>
    public string ModelPath => Path.Combine(_folder, "model.safetensors");

    /// <summary>The file with the weights as they were after a step.</summary>
    public string SnapshotPath(long step) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"step-{step}.safetensors"));

    /// <summary>The steps of which weights were kept, in order.</summary>
    public IReadOnlyList<long> Snapshots => !Directory.Exists(_folder)
        ? []
        :
        [
            .. Directory.EnumerateFiles(_folder, SnapshotPattern).Select(file => Path.GetFileNameWithoutExtension(file)["step-".Length..])
                .Where(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Select(text => long.Parse(text, CultureInfo.InvariantCulture)).Order(),
        ];

    /// <summary>Removes the checkpoint's own files, not those of others.</summary>
    public void Delete()
    {
        if (!Directory.Exists(_folder))
            return;
        File.Delete(LastPath);
        File.Delete(ModelPath);
        foreach (var step in Snapshots)
            File.Delete(SnapshotPath(step));
    }

    /// <summary>Saves where training stands.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Save(GeneratorModel model, GeneratorState state)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(state);
        using var scope = NewDisposeScope();
        (string Name, Tensor Value)[] tensors =
        [
            .. model.Networks.SelectMany(part => part.Network.StateDict().Select(entry => ($"{part.Name}.{entry.Name}", entry.Value.detach().cpu().contiguous()))),
            .. model.Optimizers.SelectMany(part => part.Optimizer.StateDict().Select(entry => ($"{Prefix(part.Name)}{entry.Name}", entry.Value.cpu().contiguous()))),
        ];
        _last.Save(tensors, state, [.. model.Optimizers.Select(part => (StepsKey(part.Name), part.Optimizer.Steps.ToString(CultureInfo.InvariantCulture)))]);
    }

    /// <summary>Puts saved values into a model's networks and optimisers.</summary>
    /// <returns>Where training stood, or null when there is no checkpoint yet.</returns>
    /// <exception cref="DataException">The file is damaged, or of another family or run.</exception>
    public GeneratorState? Load(GeneratorModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return _last.Load((content, state) =>
        {
            var family = Catalog<GeneratorModel>.NameOf(model);
            if (state.Model != family)
                throw new DataException($"{LastPath} is a checkpoint of the generator {state.Model}, expected {family}");
            if (state.Sums.Length != model.Measures.Count)
                throw new DataException($"{LastPath} is damaged: it has {state.Sums.Length} measures, expected {model.Measures.Count}");
            foreach (var (name, network) in model.Networks)
                network.LoadStateDict(StateFile.Part(content, name + "."));
            foreach (var (name, optimizer) in model.Optimizers)
            {
                if (!long.TryParse(content.Metadata.GetValueOrDefault(StepsKey(name)), CultureInfo.InvariantCulture, out var steps))
                    throw new DataException($"{LastPath} has no {StepsKey(name)}: it is incomplete");
                optimizer.LoadStateDict(StateFile.Part(content, Prefix(name)), steps);
            }
        });
    }

    /// <summary>Where training stands, without loading it into anything; null when there is no checkpoint.</summary>
    /// <exception cref="DataException">The file is damaged.</exception>
    public GeneratorState? ReadState() => _last.ReadState();

    /// <summary>Saves the weights that samples are made with.</summary>
    /// <param name="path"><see cref="ModelPath"/>, or that of a snapshot.</param>
    /// <param name="model">The model.</param>
    /// <param name="step">Steps it was trained for.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void SaveReleased(string path, GeneratorModel model, long step)
    {
        ArgumentNullException.ThrowIfNull(model);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "pt",
            ["generator"] = Catalog<GeneratorModel>.NameOf(model),
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
        };
        using var scope = NewDisposeScope();
        StateFile.Write(path, [.. model.Released.StateDict().Select(entry => (entry.Name, entry.Value.detach().cpu().contiguous()))], metadata);
    }

    /// <summary>Puts weights that samples are made with into a model.</summary>
    /// <returns>Steps they were trained for.</returns>
    /// <exception cref="DataException">There are none, they are damaged, or another model's.</exception>
    public long LoadReleased(string path, GeneratorModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!File.Exists(path))
        {
            var kept = Snapshots.Count > 0 ? $"; kept are the steps {string.Join(", ", Snapshots)}" : string.Empty;
            throw new DataException(
                path == ModelPath && File.Exists(LastPath)
                    ? $"{path} is missing: training is not complete, go on with 'sio generate train … --resume', or choose a snapshot{kept}"
                    : $"{path} is missing: no generator has been trained here{kept}");
        }

        return StateFile.Read(path, content =>
        {
            model.Released.LoadStateDict(content.Tensors);
            return long.TryParse(content.Metadata.GetValueOrDefault("step"), CultureInfo.InvariantCulture, out var step)
                ? step
                : throw new DataException($"{path} does not say how many steps it was trained for: it is no generator of this program");
        });
    }

    private static string StepsKey(string optimizer) => $"{optimizer}_optimizer_steps";

    private static string Prefix(string optimizer) => $"{optimizer}_optimizer.";
}
