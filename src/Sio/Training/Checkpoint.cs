using System.Globalization;
using Sio.Data;
using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Optim;

namespace Sio.Training;

/// <summary>Where training stands, apart from the tensors.</summary>
/// <param name="Network">Catalog name of the network.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Threads">Threads per operator; another count gives other last bits.</param>
/// <param name="Step">Optimiser steps done, which also says where sampler, augmentation and schedule are.</param>
/// <param name="TotalSteps">Steps of the whole training.</param>
/// <param name="LossSum">Sum of the losses of this epoch's images so far.</param>
/// <param name="Correct">Of these, how many were classified correctly.</param>
/// <param name="Seen">Of these, how many there were.</param>
/// <param name="LogBytes">Length of the log up to here; what follows it is dropped on resuming.</param>
/// <param name="Seconds">Time spent training so far.</param>
/// <param name="Settings">What else shapes the weights, by name: the plan and the hashes of the image sets.</param>
public sealed record TrainingState(
    string Network, int Seed, int Threads, long Step, long TotalSteps, double LossSum, long Correct, long Seen, long LogBytes, double Seconds,
    IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Whether the numbers can be those of a run.</summary>
    internal bool IsPossible => Step >= 0 && Step <= TotalSteps && Correct >= 0 && Correct <= Seen && LogBytes >= 0 && Seconds >= 0;
}

/// <summary>
/// A run's <c>checkpoint/</c> folder. <c>last.safetensors</c> holds all that is needed to go on bit for bit: weights, optimiser, generator,
/// and the state as JSON in the file's metadata. One file, written whole and renamed, so that a run killed at any moment finds
/// either the old or the new one; a digest shows damage that leaves the file readable. <c>model.safetensors</c> is written at the end: the weights alone, under PyTorch's names.
/// </summary>
public sealed class Checkpoint
{
    private const string Format = "sio-checkpoint-1";
    private const string ModelPrefix = "model.";
    private const string ObjectivePrefix = "objective.";
    private const string OptimizerPrefix = "optimizer.";
    private const string GeneratorName = "generator";

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

    /// <summary>Removes the checkpoint's own files, not those of others.</summary>
    public void Delete()
    {
        if (!Directory.Exists(_folder))
            return;
        File.Delete(LastPath);
        File.Delete(ModelPath);
        File.Delete(ObjectivePath);
    }

    /// <summary>Saves where training stands.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Save(Classifier model, Optimizer optimizer, Generator generator, TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(state);
        using var scope = new TensorScope();
        (string Name, Tensor Value)[] tensors =
        [
            .. model.StateDict().Select(entry => (ModelPrefix + entry.Name, entry.Value.Detach().Cpu().Contiguous())),
            .. Extension(model).Select(entry => (ObjectivePrefix + entry.Name, entry.Value.Detach().Cpu().Contiguous())),
            .. optimizer.StateDict().Select(entry => (OptimizerPrefix + entry.Name, entry.Value.Cpu().Contiguous())),
            (GeneratorName, generator.GetState()),
        ];
        _last.Save(tensors, state, ("optimizer_steps", optimizer.Steps.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Saves the trained weights alone: the network's, and in a file of their own those of its training method.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void SaveModel(Classifier model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = new TensorScope();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt", ["network"] = Catalog<Classifier>.NameOf(model) };
        // First: whoever finds the model finds what belongs to it.
        if (Extension(model) is { Count: > 0 } extension)
            StateFile.Write(ObjectivePath, [.. extension.Select(entry => (entry.Name, entry.Value.Detach().Cpu().Contiguous()))], metadata);
        StateFile.Write(ModelPath, model.StateDict(), metadata);
    }

    /// <summary>Puts saved values into model, optimiser and generator.</summary>
    /// <returns>Where training stood, or null when there is no checkpoint yet.</returns>
    /// <exception cref="DataException">The file is damaged, or of another network or run.</exception>
    public TrainingState? Load(Classifier model, Optimizer optimizer, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(generator);
        return _last.Load((content, state) =>
        {
            if (!long.TryParse(content.Metadata.GetValueOrDefault("optimizer_steps"), CultureInfo.InvariantCulture, out var steps)
                || !content.Tensors.TryGetValue(GeneratorName, out var random))
            {
                throw new DataException($"{LastPath} has no optimizer_steps or no {GeneratorName}: it is incomplete");
            }

            var network = Catalog<Classifier>.NameOf(model);
            if (state.Network != network)
                throw new DataException($"{LastPath} is a checkpoint of the network {state.Network}, expected {network}");
            model.LoadStateDict(StateFile.Part(content, ModelPrefix));
            model.Extension?.LoadStateDict(StateFile.Part(content, ObjectivePrefix));
            optimizer.LoadStateDict(StateFile.Part(content, OptimizerPrefix), steps);
            generator.SetState(random);
        });
    }

    /// <summary>Puts trained weights into a model.</summary>
    /// <exception cref="DataException">There are none, they are damaged, or they are another network's.</exception>
    public void LoadModel(Classifier model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!File.Exists(ModelPath))
        {
            throw new DataException(
                File.Exists(LastPath)
                    ? $"{ModelPath} is missing: training is not complete, go on with 'sio train … --resume'"
                    : $"{ModelPath} is missing: no network has been trained here");
        }

        StateFile.Read(ModelPath, content =>
        {
            model.LoadStateDict(content.Tensors);
            return true;
        });
        if (Extension(model).Count == 0)
            return;
        if (!File.Exists(ObjectivePath))
            throw new DataException($"{ObjectivePath} is missing: it has the layers that the training method added to the network");
        StateFile.Read(ObjectivePath, content =>
        {
            model.Extension!.LoadStateDict(content.Tensors);
            return true;
        });
    }

    private static IReadOnlyList<(string Name, Tensor Value)> Extension(Classifier model) => model.Extension?.StateDict() ?? [];

    /// <summary>Where training stands, without loading it into anything; null when there is no checkpoint.</summary>
    /// <exception cref="DataException">The file is damaged.</exception>
    public TrainingState? ReadState() => _last.ReadState();
}
