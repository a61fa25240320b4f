using Sio.Data;
using Sio.Detection;

namespace Sio.Fuzz.Targets;

/// <summary>The features of a bank, the other files of which are whole.</summary>
internal sealed class BankTarget : FuzzTarget
{
    internal override string Name => "bank";

    internal override string FileName => "test_id_features.npy";

    // Values are told by set and image.
    internal override bool NamesFile => false;

    internal override IReadOnlyList<byte[]> Seeds() =>
    [
        Written(stream => Npy.Write(stream, NpyArray.Create(new float[12], 4, 3))), Written(stream => Npy.Write(stream, NpyArray.Create(new double[12], 4, 3))),
        Written(stream => Npy.Write(stream, NpyArray.Create(new Half[12], 4, 3))),
    ];

    internal override void Read(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!File.Exists(Path.Combine(folder, "fc_weight.npy")))
        {
            Npy.Write<float>(Path.Combine(folder, "fc_weight.npy"), new float[6], 2, 3);
            Npy.Write<float>(Path.Combine(folder, "fc_bias.npy"), new float[2], 2);
            Npy.Write<float>(Path.Combine(folder, "test_id_logits.npy"), new float[8], 4, 2);
            Npy.Write<long>(Path.Combine(folder, "test_id_labels.npy"), [0, 1, 0, 1], 4);
        }

        foreach (var bank in new[] { new BankFolder(folder), new BankFolder(folder) { MapFrom = 0 } })
        {
            var (weight, bias) = bank.ReadHead();
            using (weight)
            using (bias)
                bank.Read(BankFolder.Id).Dispose();
        }
    }
}
