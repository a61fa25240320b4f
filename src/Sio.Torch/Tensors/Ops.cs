namespace Sio.Torch;

/// <summary>The operators that the typed wrappers call, each looked up once.</summary>
internal static class Ops
{
    // making
    public static readonly Operator Empty = new("empty.memory_format");
    public static readonly Operator EmptyLike = new("empty_like");
    public static readonly Operator Zeros = new("zeros");
    public static readonly Operator ZerosLike = new("zeros_like");
    public static readonly Operator Ones = new("ones");
    public static readonly Operator OnesLike = new("ones_like");
    public static readonly Operator Full = new("full");
    public static readonly Operator Arange = new("arange.start_step");
    public static readonly Operator Eye = new("eye");
    public static readonly Operator Rand = new("rand.generator");
    public static readonly Operator Randn = new("randn.generator");
    public static readonly Operator RandInt = new("randint.low_generator");
    public static readonly Operator RandPerm = new("randperm.generator");
    public static readonly Operator Uniform_ = new("uniform_");
    public static readonly Operator Normal_ = new("normal_");

    // moving and changing the type
    public static readonly Operator ToDType = new("to.dtype");
    public static readonly Operator ToDevice = new("to.device");
    public static readonly Operator Contiguous = new("contiguous");
    public static readonly Operator Clone = new("clone");
    public static readonly Operator Copy_ = new("copy_");
    public static readonly Operator Detach = new("detach");
    public static readonly Operator SetData = new("set_data");
    public static readonly Operator Item = new("item");

    // arithmetic
    public static readonly Operator Add = new("add.Tensor");
    public static readonly Operator AddScalar = new("add.Scalar");
    public static readonly Operator Sub = new("sub.Tensor");
    public static readonly Operator SubScalar = new("sub.Scalar");
    public static readonly Operator RsubScalar = new("rsub.Scalar");
    public static readonly Operator Mul = new("mul.Tensor");
    public static readonly Operator MulScalar = new("mul.Scalar");
    public static readonly Operator Div = new("div.Tensor");
    public static readonly Operator DivScalar = new("div.Scalar");
    public static readonly Operator Add_ = new("add_.Tensor");
    public static readonly Operator AddScalar_ = new("add_.Scalar");
    public static readonly Operator Sub_ = new("sub_.Tensor");
    public static readonly Operator Mul_ = new("mul_.Tensor");
    public static readonly Operator MulScalar_ = new("mul_.Scalar");
    public static readonly Operator Div_ = new("div_.Tensor");
    public static readonly Operator DivScalar_ = new("div_.Scalar");
    public static readonly Operator Zero_ = new("zero_");
    public static readonly Operator Fill_ = new("fill_.Scalar");
    public static readonly Operator Neg = new("neg");
    public static readonly Operator Abs = new("abs");
    public static readonly Operator Exp = new("exp");
    public static readonly Operator Log = new("log");
    public static readonly Operator Sqrt = new("sqrt");
    public static readonly Operator Square = new("square");
    public static readonly Operator Sign = new("sign");
    public static readonly Operator Pow = new("pow.Tensor_Scalar");
    public static readonly Operator Reciprocal = new("reciprocal");
    public static readonly Operator Sigmoid = new("sigmoid");
    public static readonly Operator Tanh = new("tanh");
    public static readonly Operator Clamp = new("clamp");
    public static readonly Operator Maximum = new("maximum");
    public static readonly Operator Minimum = new("minimum");
    public static readonly Operator Where = new("where.self");
    public static readonly Operator IsFinite = new("isfinite");
    public static readonly Operator Round = new("round");
    public static readonly Operator Addcmul = new("addcmul");

    // comparison
    public static readonly Operator Eq = new("eq.Tensor");
    public static readonly Operator EqScalar = new("eq.Scalar");
    public static readonly Operator NeScalar = new("ne.Scalar");
    public static readonly Operator Lt = new("lt.Tensor");
    public static readonly Operator LtScalar = new("lt.Scalar");
    public static readonly Operator Gt = new("gt.Tensor");
    public static readonly Operator GtScalar = new("gt.Scalar");
    public static readonly Operator GeScalar = new("ge.Scalar");
    public static readonly Operator LeScalar = new("le.Scalar");
    public static readonly Operator All = new("all");
    public static readonly Operator Any = new("any");
    public static readonly Operator Equal = new("equal");

    // reduction
    public static readonly Operator Sum = new("sum");
    public static readonly Operator SumDim = new("sum.dim_IntList");
    public static readonly Operator Mean = new("mean");
    public static readonly Operator MeanDim = new("mean.dim");
    public static readonly Operator VarDim = new("var.correction");
    public static readonly Operator Amax = new("amax");
    public static readonly Operator Amin = new("amin");
    public static readonly Operator MaxDim = new("max.dim");
    public static readonly Operator Max = new("max");
    public static readonly Operator Min = new("min");
    public static readonly Operator ArgMax = new("argmax");
    public static readonly Operator LogSumExp = new("logsumexp");
    public static readonly Operator NormDim = new("linalg_vector_norm");
    public static readonly Operator TopK = new("topk");
    public static readonly Operator Sort = new("sort");
    public static readonly Operator CumSum = new("cumsum");

    // shape
    public static readonly Operator Reshape = new("reshape");
    public static readonly Operator View = new("view");
    public static readonly Operator Permute = new("permute");
    public static readonly Operator Transpose = new("transpose.int");
    public static readonly Operator Flatten = new("flatten.using_ints");
    public static readonly Operator Squeeze = new("squeeze.dim");
    public static readonly Operator Unsqueeze = new("unsqueeze");
    public static readonly Operator Expand = new("expand");
    public static readonly Operator Cat = new("cat");
    public static readonly Operator Stack = new("stack");
    public static readonly Operator Split = new("split.Tensor");
    public static readonly Operator Narrow = new("narrow");
    public static readonly Operator Select = new("select.int");
    public static readonly Operator Slice = new("slice.Tensor");
    public static readonly Operator IndexSelect = new("index_select");
    public static readonly Operator Gather = new("gather");
    public static readonly Operator MaskedSelect = new("masked_select");
    public static readonly Operator MaskedFill = new("masked_fill.Scalar");
    public static readonly Operator Flip = new("flip");
    public static readonly Operator Pad = new("constant_pad_nd");

    // products
    public static readonly Operator MatMul = new("matmul");
    public static readonly Operator AddMm = new("addmm");

    // neural networks
    public static readonly Operator Conv2d = new("conv2d");
    public static readonly Operator BatchNorm = new("batch_norm");
    public static readonly Operator Linear = new("linear");
    public static readonly Operator Relu = new("relu");
    public static readonly Operator Relu_ = new("relu_");
    public static readonly Operator MaxPool2d = new("max_pool2d");
    public static readonly Operator AvgPool2d = new("avg_pool2d");
    public static readonly Operator AdaptiveAvgPool2d = new("adaptive_avg_pool2d");
    public static readonly Operator CrossEntropy = new("cross_entropy_loss");
    public static readonly Operator LogSoftmax = new("log_softmax.int");
    public static readonly Operator Softmax = new("softmax.int");
    public static readonly Operator Dropout = new("dropout");
    public static readonly Operator OneHot = new("one_hot");
    public static readonly Operator LeakyRelu = new("leaky_relu");
    public static readonly Operator Softplus = new("softplus");
    public static readonly Operator Embedding = new("embedding");
    public static readonly Operator UpsampleBilinear2d = new("upsample_bilinear2d.vec");
    public static readonly Operator UpsampleNearest2d = new("upsample_nearest2d.vec");

    public static readonly Operator Addcmul_ = new("addcmul_");
    public static readonly Operator Addcdiv_ = new("addcdiv_");

    // many tensors at once, for optimisers
    public static readonly Operator ForeachAddList = new("_foreach_add.List");
    public static readonly Operator ForeachAddList_ = new("_foreach_add_.List");
    public static readonly Operator ForeachMulScalar_ = new("_foreach_mul_.Scalar");
}
