using System.Collections.Immutable;
using System.Globalization;
using Sio.Data;
using Sio.Engine;
using Sio.Networks;
using Sio.Nn;
using Sio.Serialization;
using Sio.Training.Objectives;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>
/// A run's <c>checkpoint/</c> folder. <c>last.safetensors</c> holds all that is needed to go on bit for bit: weights, optimiser, generator,
/// and the state as JSON in the file's metadata. One file, written whole and renamed, so that a run killed at any moment finds
/// either the old or the new one; a digest shows damage that leaves the file readable. <c>model.safetensors</c> is written at the end: the weights alone, under PyTorch's names;
/// <c>best.safetensors</c> has those of the epoch with the best validation accuracy. Where a moving average of the weights is taken, it is the average that both hold.
/// </summary>
public sealed class Checkpoint
{
    private const string Format = "sio-checkpoint-1";
    private const string ModelPrefix = "model.";
    private const string ObjectivePrefix = "objective.";
    private const string OptimizerPrefix = "optimizer.";
    private const string GeneratorName = "generator";
    private const string AveragePrefix = "average.model.";
    private const string AverageObjectivePrefix = "average.objective.";
    private const string SlowPrefix = "slow.";
    private const string ObjectiveDigestKey = "objective_sha256";

    private readonly string _folder;
    private readonly StateFile<TrainingState> _last;

    /// <summary>Names the folder; it is made on the first save.</summary>
    public Checkpoint(string folder)
    {
        _folder = folder;
        _last = new StateFile<TrainingState>(LastPath, Format, state => state.IsPossible);
    }

    /// <summary>The file with everything needed to go on.</summary>
    public string LastPath => Path.Combine(_folder, "last.safetensors");

    /// <summary>The file with the trained weights; there once training is complete.</summary>
    public string ModelPath => Path.Combine(_folder, "model.safetensors");

    /// <summary>The file with what the training method added to the network, where it added something; there once training is complete.</summary>
    public string ObjectivePath => Path.Combine(_folder, "objective.safetensors");

    /// <summary>The file with the weights of the best epoch; there from the first validation on.</summary>
    public string BestPath => Path.Combine(_folder, "best.safetensors");

    /// <summary>What the training method added to the network, as it was in the best epoch.</summary>
    public string BestObjectivePath => Path.Combine(_folder, "best-objective.safetensors");

    /// <summary>Removes the checkpoint's own files, not those of others.</summary>
    public void Delete()
    {
        if (!Directory.Exists(_folder))
            return;
        foreach (var path in new[] { LastPath, ModelPath, ObjectivePath, BestPath, BestObjectivePath })
            File.Delete(path);
    }

    /// <summary>Saves where training stands.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal void Save(TrainingParts parts, TrainingState state)
    {
        using var scope = NewDisposeScope();
        var (model, optimizer) = (parts.Model, parts.Optimizer);
        IEnumerable<(string Name, Tensor Value)> tensors =
        [
            .. Under(ModelPrefix, model.StateDict()),
            .. Under(ObjectivePrefix, Extension(model)),
            .. Under(OptimizerPrefix, optimizer.StateDict()),
            (GeneratorName, parts.Generator.get_state()),
        ];
        if (parts.Average?.Network is { } average)
            tensors = [.. tensors, .. Under(AveragePrefix, average.StateDict()), .. Under(AverageObjectivePrefix, Extension(average))];
        if (parts.Lookahead is { } lookahead)
            tensors = [.. tensors, .. Under(SlowPrefix, lookahead.State)];
        _last.Save([.. tensors], state, ("optimizer_steps", optimizer.Steps.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Saves the trained weights alone: the network's, and in a file of their own those of its training method.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void SaveModel(Classifier model) => SaveModel(model, ModelPath, ObjectivePath);

    /// <summary>Saves the weights of the best epoch so far, likewise.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void SaveBest(Classifier model) => SaveModel(model, BestPath, BestObjectivePath);

    /// <summary>Puts saved values into model, optimiser, generator and what else there is.</summary>
    /// <returns>Where training stood, or null when there is no checkpoint yet.</returns>
    /// <exception cref="DataException">The file is damaged, or of another network or run.</exception>
    internal TrainingState? Load(TrainingParts parts) => _last.Load((content, state) =>
    {
        if (!long.TryParse(content.Metadata.GetValueOrDefault("optimizer_steps"), CultureInfo.InvariantCulture, out var steps)
            || !content.Tensors.TryGetValue(GeneratorName, out var random))
        {
            throw new DataException($"{LastPath} has no optimizer_steps or no {GeneratorName}: it is incomplete");
        }

        // TorchSharp ends the process over a state of another kind of generator.
        using (var current = parts.Generator.get_state())
        {
            if (random.dtype != current.dtype || random.numel() != current.numel())
                throw new DataException($"{LastPath}: {GeneratorName} is {TensorMemory.Describe(random)}, expected {TensorMemory.Describe(current)}: it is of another kind of device");
        }

        var model = parts.Model;
        var network = Catalog<Classifier>.NameOf(model);
        if (state.Network != network)
            throw new DataException($"{LastPath} is a checkpoint of the network {state.Network}, expected {network}");
        model.LoadStateDict(StateFile.Part(content, ModelPrefix));
        model.Extension?.LoadStateDict(StateFile.Part(content, ObjectivePrefix));
        parts.Optimizer.LoadStateDict(StateFile.Part(content, OptimizerPrefix), steps);
        parts.Generator.set_state(random);
        if (parts.Average?.Network is { } average)
        {
            average.LoadStateDict(StateFile.Part(content, AveragePrefix));
            average.Extension?.LoadStateDict(StateFile.Part(content, AverageObjectivePrefix));
        }

        parts.Lookahead?.Load(StateFile.Part(content, SlowPrefix));
    });

    /// <summary>Puts trained weights into a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="choice">Those of the end of training, or of the best epoch.</param>
    /// <exception cref="DataException">There are none, they are damaged, or they are another network's.</exception>
    public void LoadModel(Classifier model, CheckpointChoice choice = CheckpointChoice.Last)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (path, objectivePath) = choice == CheckpointChoice.Best ? (BestPath, BestObjectivePath) : (ModelPath, ObjectivePath);
        if (!File.Exists(path))
            throw new DataException($"{path} is missing: {WhyMissing(choice)}");
        var digest = Load(path, model, content => content.Metadata.GetValueOrDefault(ObjectiveDigestKey));
        if (Extension(model).Count == 0)
            return;
        if (!File.Exists(objectivePath))
            throw new DataException($"{objectivePath} is missing: it has the layers that the training method added to the network");
        var own = Load(objectivePath, model.Extension!, content => StateFile.Digest(content.Tensors.Select(entry => (entry.Key, entry.Value)), []));
        if (digest is not null && digest != own)
            throw new DataException($"{path} and {objectivePath} do not belong together, as when a run is killed between writing the two; go on with 'sio train … --resume'");
    }

    /// <summary>Where training stands, without loading it into anything; null when there is no checkpoint.</summary>
    /// <exception cref="DataException">The file is damaged.</exception>
    public TrainingState? ReadState() => _last.ReadState();

    private static IReadOnlyList<(string Name, Tensor Value)> Extension(Classifier model) => model.Extension?.StateDict() ?? [];

    private static IEnumerable<(string Name, Tensor Value)> Under(string prefix, IEnumerable<(string Name, Tensor Value)> tensors) =>
        tensors.Select(entry => (prefix + entry.Name, entry.Value.detach().cpu().contiguous()));

    private static T Load<T>(string path, nn.Module module, Func<SafetensorsContent, T> use) => StateFile.Read(path, content =>
    {
        module.LoadStateDict(content.Tensors);
        return use(content);
    });

    private static void SaveModel(Classifier model, string path, string objectivePath)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt", ["network"] = Catalog<Classifier>.NameOf(model) };
        foreach (var (key, value) in Objective.Of(model)?.Remarks ?? ImmutableDictionary<string, string>.Empty)
            metadata[key] = value;
        // First: whoever finds the model finds what belongs to it. Its digest tells whether the two are of one moment, should a kill have come between them.
        if (Extension(model) is { Count: > 0 } extension)
        {
            (string Name, Tensor Value)[] added = [.. Under(string.Empty, extension)];
            StateFile.Write(objectivePath, added, StateFile.Signed(added, metadata));
            metadata[ObjectiveDigestKey] = StateFile.Digest(added, []);
        }

        StateFile.Write(path, model.StateDict(), StateFile.Signed(model.StateDict(), metadata));
    }

    private string WhyMissing(CheckpointChoice choice)
    {
        if (choice == CheckpointChoice.Best && File.Exists(LastPath))
            return "no epoch has been validated, for want of ID validation images or by training.validate_every_epochs; --checkpoint last has the weights of the end of training";
        return File.Exists(LastPath) ? "training is not complete, go on with 'sio train … --resume'" : "no network has been trained here";
    }
}

/// <summary>Which of a run's weights.</summary>
public enum CheckpointChoice
{
    /// <summary>Those of the end of training.</summary>
    Last,

    /// <summary>Those of the epoch with the best validation accuracy, the first of several.</summary>
    Best,
}
