using System.Security.Cryptography;
using Sio.Data;
using Sio.Networks;
using Sio.Nn;
using Sio.Training.Objectives;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>Weights of an earlier run that a training starts from: the network's, not those of a training method's own layers.</summary>
internal static class InitialWeights
{
    /// <summary>Puts a file's weights into a network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="path">A safetensors file, such as a run's <c>checkpoint/model.safetensors</c>.</param>
    /// <exception cref="DataException">The file is missing, damaged, or has the weights of another network or number of classes, or one
    /// that is NaN or infinite.</exception>
    internal static void Load(Classifier model, string path)
    {
        Refuse(path);
        StateFile.Read(path, content =>
        {
            model.LoadStateDict(content.Tensors);
            foreach (var (name, value) in content.Tensors)
            {
                using var scope = NewDisposeScope();
                if (is_floating_point(value.dtype) && !value.isfinite().all().item<bool>())
                    throw new DataException($"{path}: '{name}' has values that are NaN or infinite: the training that wrote them had failed");
            }

            Objective.Of(model)?.Started(model, content.Metadata);
            return true;
        });
    }

    /// <summary>SHA-256 of the file, in lower-case hexadecimal: a run is not gone on with that began elsewhere.</summary>
    /// <exception cref="DataException">The file cannot be read.</exception>
    internal static string Hash(string path)
    {
        Refuse(path);
        return DataFile.Read(path, file => Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    private static void Refuse(string path)
    {
        if (!File.Exists(path))
            throw new DataException($"{path}: not found, the weights to start from were expected there: a trained run's checkpoint/model.safetensors");
    }
}
