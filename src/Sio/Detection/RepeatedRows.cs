using System.IO.Hashing;
using System.Runtime.InteropServices;
using Sio.Engine;
using TorchSharp;

namespace Sio.Detection;

/// <summary>
/// Images of one or several banks with the very same features and logits. Matrix products round differently at the end of a block than within
/// it, so two equal rows may come out a last bit apart: enough to move the AUROC of scores that should all be tied. Each group gets the
/// score of its first image.
/// </summary>
internal sealed class RepeatedRows
{
    private readonly List<((int Bank, int Row) Again, (int Bank, int Row) First)> _pairs = [];

    private RepeatedRows()
    {
    }

    /// <summary>Finds the images that repeat an earlier one.</summary>
    public static RepeatedRows Of(IReadOnlyList<FeatureBank> banks)
    {
        var found = new RepeatedRows();
        var first = new Dictionary<UInt128, (int Bank, int Row)>(banks.Sum(bank => bank.Count));
        for (var bank = 0; bank < banks.Count; bank++)
        {
            var hashes = banks[bank].RowHashes;
            for (var row = 0; row < hashes.Length; row++)
            {
                if (!first.TryAdd(hashes[row], (bank, row)))
                    found._pairs.Add(((bank, row), first[hashes[row]]));
            }
        }

        return found;
    }

    /// <summary>Sets the score of each repeated image to that of the first.</summary>
    /// <param name="scores">For each bank, one score per image.</param>
    public void Share(IReadOnlyList<float[]> scores)
    {
        foreach (var (again, first) in _pairs)
            scores[again.Bank][again.Row] = scores[first.Bank][first.Row];
    }

    /// <summary>A hash of each row of some matrices taken together.</summary>
    /// <param name="matrices">[N,·] float32 on the CPU.</param>
    internal static UInt128[] Hash(IReadOnlyList<torch.Tensor> matrices)
    {
        var hashes = new UInt128[matrices[0].size(0)];
        RowBlocks.ForEach(hashes.Length, (start, rows) =>
        {
            var blocks = matrices.Select(matrix => matrix.narrow(0, start, rows).contiguous()).ToArray();
            for (var row = 0; row < rows; row++)
            {
                var all = new XxHash128();
                foreach (var block in blocks)
                {
                    var width = (int)block.size(1);
                    all.Append(MemoryMarshal.AsBytes(block.AsSpan<float>().Slice(row * width, width)));
                }

                hashes[start + row] = all.GetCurrentHashAsUInt128();
            }
        });
        return hashes;
    }
}
