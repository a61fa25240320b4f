using System.CommandLine;
using Sio.Cli.Output;
using Sio.Torch;

namespace Sio.Cli.Commands;

/// <summary><c>sio setup</c>: the launcher has installed and built by the time this runs; this proves that it works.</summary>
internal static class SetupCommand
{
    internal static Command Create()
    {
        var command = new Command("setup", "Install what is needed (Debian packages), build what has changed, and check that it works. LIBTORCH=DIR uses another LibTorch.");
        Help.SetExamples(command, 
            "sio setup",
            "LIBTORCH=~/libtorch sio setup");
        command.SetAction(_ =>
        {
            var code = DoctorCommand.Examine();
            if (code != ExitCodes.Success)
                return code;
            using var scope = new TensorScope();
            var x = Tensor.Ones([4, 3, 8, 8]);
            var sum = x.Conv2d(Tensor.Ones([2, 3, 3, 3]), padding: 0).Sum().Item().ToDouble();
            const double expected = 4 * 2 * 36 * 27;
            if (sum != expected)
                throw new TorchException("test convolution", $"gave {sum}, expected {expected}: this LibTorch does not compute correctly here");
            Console.WriteLine("Ready: sio quickstart");
            return ExitCodes.Success;
        });
        return command;
    }
}
