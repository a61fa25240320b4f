using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary>A bank of three classes along three axes of an eight-dimensional feature space; OOD images lie along other axes, near the origin.</summary>
internal sealed class SmallBank
{
    internal const int Classes = 3;
    internal const int Size = 8;
    internal const int Test = 30;

    internal SmallBank(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(folder);
        var weight = new float[Classes * Size];
        for (var c = 0; c < Classes; c++)
            weight[(c * Size) + c] = 1;
        Npy.Write<float>(At("fc_weight.npy"), weight, Classes, Size);
        Npy.Write<float>(At("fc_bias.npy"), new float[Classes], Classes);
        Write("train", 90, ood: false);
        Write("val", 60, ood: false);
        Write("test_id", Test, ood: false);
        Write("test_near", Test, ood: true);
        Write("test_far_away", Test, ood: true);

        // Files that other programs may put there.
        File.WriteAllText(At("README.md"), "mine");
        File.WriteAllText(At("scores_msp_id.npy"), "no array");
        File.WriteAllText(At("test_notes.npy"), "no array");
        File.WriteAllText(At("images_far_features.npy"), "no array");
    }

    internal string Folder { get; }

    internal string At(string name) => Path.Combine(Folder, name);

    internal void Delete(string set) => Array.ForEach(Directory.GetFiles(Folder, set + "_*.npy"), File.Delete);

    internal void AddValidationOod() => Write("val_ood", 40, ood: true);

    private void Write(string set, int count, bool ood)
    {
        var random = RandomStream.For(5, set);
        var (features, logits, labels) = (new float[count * Size], new float[count * Classes], new long[count]);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < Size; j++)
                features[(i * Size) + j] = (float)Math.Abs(0.3 * random.NextGaussian());
            features[(i * Size) + (ood ? Classes + (i % (Size - Classes)) : i % Classes)] += ood ? 1 : 5;
            features.AsSpan(i * Size, Classes).CopyTo(logits.AsSpan(i * Classes));
            labels[i] = ood ? -1 : i % Classes;
        }

        Npy.Write<float>(At(set + "_features.npy"), features, count, Size);
        Npy.Write<float>(At(set + "_logits.npy"), logits, count, Classes);
        Npy.Write<long>(At(set + "_labels.npy"), labels, count);
    }
}
