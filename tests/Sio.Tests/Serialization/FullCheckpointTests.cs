using System.IO.Compression;
using Sio.Engine;
using Sio.Serialization;
using Sio.Tests.Data;

namespace Sio.Tests.Serialization;

/// <summary>Checkpoints as trainings write them: tensors among schedulers, dates and seeds, which are passed over.</summary>
public sealed class FullCheckpointTests : IDisposable
{
    private static readonly Dictionary<string, float[]> s_state = new() { ["w"] = [1, 2] };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder.File("full.pth");

    // What Python writes of these, shortened: module, name, arguments.
    [Theory]
    [InlineData("collections", "Counter", "}K\u0003K\u0001s\u0085")]
    [InlineData("torch", "Size", "K\u0003K\u001c\u0086\u0085")]
    [InlineData("torch", "device", "X\u0003\0\0\0cpu\u0085")]
    [InlineData("datetime", "datetime", "K\u0001\u0085")]
    [InlineData("pathlib", "PosixPath", ")")]
    [InlineData("__builtin__", "set", "]K\u0001a\u0085")]
    [InlineData("numpy.core.multiarray", "scalar", "cnumpy\ndtype\nX\u0002\0\0\0f8\u0089\u0088\u0087RU\u0008\0\0\0\0\0\0\0\0\u0086")]
    [InlineData("functools", "partial", "c__builtin__\nprint\n\u0085")]
    public void Values_of_unknown_kinds_are_passed_over(string module, string name, string arguments)
    {
        new TorchFiles().Made("other", module, name, arguments).State("state_dict", s_state).Made("after", module, name, arguments).Save(Path);
        AssertRead();
    }

    [Theory]
    [InlineData("\u008a\u0009\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\0")] // a seed of 64 bits
    [InlineData("\u008f(K\u0001K\u0002\u0090")] // a set
    [InlineData("(K\u0001K\u0002\u0091")] // a frozenset
    [InlineData("cargparse\nNamespace\n)\u0081}X\u0002\0\0\0lrG\u003f\u00b9\u0099\u0099\u0099\u0099\u0099\u009asb")] // an object and its attributes
    [InlineData("ccollections\nCounter\n)RK\u0001K\u0002s")] // entries of an unknown kind of dictionary
    [InlineData("ccollections\ndeque\n)RK\u0001a")] // and of list
    [InlineData("c__builtin__\ngetattr\nX\u0001\0\0\0aX\u0001\0\0\0b\u0086R)R")] // what an unknown thing makes
    [InlineData("ctorch\nfloat32\n")] // a name alone
    [InlineData("C\u0002ab")] // bytes
    public void Further_opcodes_of_Pythons_values_are_read(string opcodes)
    {
        new TorchFiles().Value("other", System.Text.Encoding.Latin1.GetBytes(opcodes)).State("state_dict", s_state).Save(Path);
        AssertRead();
    }

    [Fact]
    public void A_tensor_that_is_built_in_an_unknown_way_is_refused_by_name()
    {
        var file = new TorchFiles();
        file.State("state_dict", s_state).Value("strange", "ctorch._utils\n_rebuild_sparse_tensor\n"u8);
        file.Raw("("u8);
        file.Storage([1]).Raw("tR"u8);
        file.Save(Path);
        Assert.Contains("'strange' is a tensor that torch._utils._rebuild_sparse_tensor would build", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("subprocess", "Popen")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "__import__")]
    public void Names_that_run_programs_are_refused(string module, string name)
    {
        new TorchFiles().State("state_dict", s_state).Made("evil", module, name, "X\u0004\0\0\0true\u0085").Save(Path);
        Assert.Contains($"{module}.{name}, which is not allowed", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_tensors_says_what_it_holds()
    {
        new TorchFiles().Made("model", "mylib", "Net", ")").Save(Path);
        Assert.Contains("no tensors, but 'model', an object of mylib.Net", Refused(), StringComparison.Ordinal);
    }

    // One bit of a weight, in a file whose sizes all fit.
    [Fact]
    public void A_flipped_bit_is_seen_by_the_checksum()
    {
        TorchFiles.Write(Path, ("state_dict", new() { ["w"] = [1.5f, 2.5f] }));
        var bytes = File.ReadAllBytes(Path);
        var at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(2.5f));
        Assert.True(at > 0);
        bytes[at] ^= 1;
        File.WriteAllBytes(Path, bytes);
        Assert.Contains("x/data/0 is damaged: its checksum is", Refused(), StringComparison.Ordinal);
    }

    // torch.save with set_crc32_options(False) leaves them 0: the bytes after the signature's four, version, flags, method and date in the
    // directory.
    [Fact]
    public void A_file_without_checksums_is_read_and_called_that()
    {
        TorchFiles.Write(Path, ("state_dict", s_state));
        TorchFile.Read(Path, out var notes).Values.ToList().ForEach(tensor => tensor.Dispose());
        Assert.False(notes.WithoutSums);
        var bytes = File.ReadAllBytes(Path);
        for (var at = 0; at + 20 < bytes.Length; at++)
        {
            if (bytes.AsSpan(at).StartsWith("PK\u0001\u0002"u8))
                bytes.AsSpan(at + 16, 4).Clear();
        }

        File.WriteAllBytes(Path, bytes);
        TorchFile.Read(Path, out notes).Values.ToList().ForEach(tensor => tensor.Dispose());
        Assert.True(notes.WithoutSums);
    }

    [Theory]
    [InlineData("}(")]
    [InlineData("(")]
    [InlineData("]")]
    [InlineData("N")]
    public void A_small_file_asks_for_no_more_memory_than_it_may(string repeated)
    {
        var file = new TorchFiles();
        var bytes = new byte[repeated.Length * 7_500_000 / repeated.Length];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)repeated[i % repeated.Length];
        file.Raw(bytes);
        file.Save(Path, CompressionLevel.Optimal);
        Assert.True(new FileInfo(Path).Length < 50_000);
        Assert.Contains("more than", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_packed_pickle_that_is_too_large_is_not_unpacked()
    {
        var file = new TorchFiles();
        file.Raw(new byte[9 << 20]);
        file.Save(Path, CompressionLevel.Optimal);
        Assert.Contains("its pickle would have", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("<!DOCTYPE html>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "Git LFS's pointer")]
    [InlineData("\u001f\u008b\u0008", "packed by gzip")]
    [InlineData("\u0089HDF\r\n", "HDF5")]
    [InlineData("\u0080\u0002\u008a\u000a\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019.", "before PyTorch 1.6")]
    [InlineData("\u0080\u0004}.", "a plain pickle")]
    public void Other_files_are_called_what_they_are(string content, string expected)
    {
        File.WriteAllBytes(Path, System.Text.Encoding.Latin1.GetBytes(content));
        Assert.Contains(expected, Refused(), StringComparison.Ordinal);
    }

    private void AssertRead()
    {
        var found = TorchFile.Read(Path);
        var (name, tensor) = Assert.Single(found);
        Assert.Equal("state_dict.w", name);
        Assert.Equal([1f, 2], tensor.ToArray<float>());
        tensor.Dispose();
    }

    private string Refused() => Assert.Throws<TorchFileException>(() => TorchFile.Read(Path)).Message;
}
