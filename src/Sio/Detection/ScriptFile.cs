using System.IO.Compression;
using System.Runtime.InteropServices;
using Sio.Data;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>Opens TorchScript files that users name, and says what a file is that is none.</summary>
public static class ScriptFile
{
    private const string Expected = "TorchScript was expected, as torch.jit.trace(model, images).save(\"model.pt\") writes it in Python";
    private const byte PickleMark = 0x80;

    /// <summary>Reads a model. A TorchScript file holds a program: load files only of people you trust.</summary>
    /// <returns>The model on the CPU, in evaluation mode; the caller disposes it. TorchSharp then leaves handles of its weights to the finaliser.</returns>
    /// <exception cref="DataException">The file is missing or damaged, or holds weights without a program.</exception>
    public static jit.ScriptModule Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new DataException($"{path} {(Directory.Exists(path) ? "is a folder" : "does not exist")}, a file with {Expected}");
        try
        {
            var module = jit.load(path);
            module.eval();
            return module;
        }
        catch (ExternalException error)
        {
            throw new DataException(
                IsCheckpoint(path)
                    ? $"{path} holds weights without the network's program, as torch.save writes them; {Expected}. 'sio import' takes such weights for networks that are built in"
                    : $"{path} is damaged or another kind of file; {Expected} ({TorchErrors.Describe(error)})",
                error);
        }
    }

    // torch.save writes a pickle, since PyTorch 1.6 inside a zip archive; torch.jit.save adds the program and its constants.
    private static bool IsCheckpoint(string path)
    {
        try
        {
            using var file = InputFile.Open(path);
            if (file.ReadByte() == PickleMark)
                return true;
            file.Position = 0;
            using var archive = new ZipArchive(file, ZipArchiveMode.Read);
            return archive.Entries.Any(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
                && !archive.Entries.Any(entry => entry.FullName.EndsWith("/constants.pkl", StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return false;
        }
    }
}
