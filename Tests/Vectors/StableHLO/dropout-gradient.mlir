module @dropout_gradient {
  func.func public @main(
      %x: tensor<7x3x3xf32>,
      %input.weight: tensor<7x4xf32>,
      %input.bias: tensor<4xf32>,
      %forget.weight: tensor<7x4xf32>,
      %candidate.weight: tensor<7x4xf32>,
      %output.weight: tensor<7x4xf32>,
      %forget.bias: tensor<4xf32>,
      %candidate.bias: tensor<4xf32>,
      %output.bias: tensor<4xf32>,
      %seed: tensor<ui64>,
      %run: tensor<ui64>
  ) -> (
      tensor<f32> {ebb.name = "loss"},
      tensor<7x4xf32> {ebb.name = "gradient/input.weight"},
      tensor<4xf32> {ebb.name = "gradient/input.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/forget.weight"},
      tensor<4xf32> {ebb.name = "gradient/forget.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/candidate.weight"},
      tensor<4xf32> {ebb.name = "gradient/candidate.bias"},
      tensor<7x4xf32> {ebb.name = "gradient/output.weight"},
      tensor<4xf32> {ebb.name = "gradient/output.bias"}
  ) {
    %ui64_11400714819323198485 = stablehlo.constant dense<11400714819323198485> : tensor<ui64>
    %ui64_30 = stablehlo.constant dense<30> : tensor<ui64>
    %ui64_13787848793156543929 = stablehlo.constant dense<13787848793156543929> : tensor<ui64>
    %ui64_27 = stablehlo.constant dense<27> : tensor<ui64>
    %ui64_10723151780598845931 = stablehlo.constant dense<10723151780598845931> : tensor<ui64>
    %ui64_31 = stablehlo.constant dense<31> : tensor<ui64>
    %ui64_0 = stablehlo.constant dense<0> : tensor<ui64>
    %ui64_32 = stablehlo.constant dense<32> : tensor<ui64>
    %ui32_0 = stablehlo.constant dense<0> : tensor<ui32>
    %ui64_3528531795 = stablehlo.constant dense<3528531795> : tensor<ui64>
    %ui64_3449720151 = stablehlo.constant dense<3449720151> : tensor<ui64>
    %ui32_2654435769 = stablehlo.constant dense<2654435769> : tensor<ui32>
    %ui32_3144134277 = stablehlo.constant dense<3144134277> : tensor<ui32>
    %ui64_21 = stablehlo.constant dense<21> : tensor<ui64>
    %ui64_11 = stablehlo.constant dense<11> : tensor<ui64>
    %f64_1.1102230246251565e-16 = stablehlo.constant dense<1.1102230246251565e-16> : tensor<f64>
    %f32_0.5 = stablehlo.constant dense<0.5> : tensor<f32>
    %f32_0.0 = stablehlo.constant dense<0.0> : tensor<f32>
    %f32_2.0 = stablehlo.constant dense<2.0> : tensor<f32>
    %i32_0 = stablehlo.constant dense<0> : tensor<i32>
    %i32_7 = stablehlo.constant dense<7> : tensor<i32>
    %i32_1 = stablehlo.constant dense<1> : tensor<i32>
    %f32_0.25 = stablehlo.constant dense<0.25> : tensor<f32>
    %f32_1.0 = stablehlo.constant dense<1.0> : tensor<f32>
    %i32_3 = stablehlo.constant dense<3> : tensor<i32>
    %i32_6 = stablehlo.constant dense<6> : tensor<i32>
    %add = stablehlo.add %seed, %ui64_11400714819323198485 : tensor<ui64>
    %shift_right_logical = stablehlo.shift_right_logical %add, %ui64_30 : tensor<ui64>
    %xor = stablehlo.xor %add, %shift_right_logical : tensor<ui64>
    %multiply = stablehlo.multiply %xor, %ui64_13787848793156543929 : tensor<ui64>
    %shift_right_logical_1 = stablehlo.shift_right_logical %multiply, %ui64_27 : tensor<ui64>
    %xor_1 = stablehlo.xor %multiply, %shift_right_logical_1 : tensor<ui64>
    %multiply_1 = stablehlo.multiply %xor_1, %ui64_10723151780598845931 : tensor<ui64>
    %shift_right_logical_2 = stablehlo.shift_right_logical %multiply_1, %ui64_31 : tensor<ui64>
    %xor_2 = stablehlo.xor %multiply_1, %shift_right_logical_2 : tensor<ui64>
    %xor_3 = stablehlo.xor %xor_2, %run : tensor<ui64>
    %add_1 = stablehlo.add %xor_3, %ui64_11400714819323198485 : tensor<ui64>
    %shift_right_logical_3 = stablehlo.shift_right_logical %add_1, %ui64_30 : tensor<ui64>
    %xor_4 = stablehlo.xor %add_1, %shift_right_logical_3 : tensor<ui64>
    %multiply_2 = stablehlo.multiply %xor_4, %ui64_13787848793156543929 : tensor<ui64>
    %shift_right_logical_4 = stablehlo.shift_right_logical %multiply_2, %ui64_27 : tensor<ui64>
    %xor_5 = stablehlo.xor %multiply_2, %shift_right_logical_4 : tensor<ui64>
    %multiply_3 = stablehlo.multiply %xor_5, %ui64_10723151780598845931 : tensor<ui64>
    %shift_right_logical_5 = stablehlo.shift_right_logical %multiply_3, %ui64_31 : tensor<ui64>
    %xor_6 = stablehlo.xor %multiply_3, %shift_right_logical_5 : tensor<ui64>
    %xor_7 = stablehlo.xor %xor_6, %ui64_0 : tensor<ui64>
    %add_2 = stablehlo.add %xor_7, %ui64_11400714819323198485 : tensor<ui64>
    %shift_right_logical_6 = stablehlo.shift_right_logical %add_2, %ui64_30 : tensor<ui64>
    %xor_8 = stablehlo.xor %add_2, %shift_right_logical_6 : tensor<ui64>
    %multiply_4 = stablehlo.multiply %xor_8, %ui64_13787848793156543929 : tensor<ui64>
    %shift_right_logical_7 = stablehlo.shift_right_logical %multiply_4, %ui64_27 : tensor<ui64>
    %xor_9 = stablehlo.xor %multiply_4, %shift_right_logical_7 : tensor<ui64>
    %multiply_5 = stablehlo.multiply %xor_9, %ui64_10723151780598845931 : tensor<ui64>
    %shift_right_logical_8 = stablehlo.shift_right_logical %multiply_5, %ui64_31 : tensor<ui64>
    %xor_10 = stablehlo.xor %multiply_5, %shift_right_logical_8 : tensor<ui64>
    %shift_right_logical_9 = stablehlo.shift_right_logical %xor_10, %ui64_32 : tensor<ui64>
    %key = stablehlo.convert %xor_10 : (tensor<ui64>) -> tensor<ui32>
    %key_1 = stablehlo.convert %shift_right_logical_9 : (tensor<ui64>) -> tensor<ui32>
    %iota = stablehlo.iota dim = 0 : tensor<3x3xui32>
    %ui32_0.all = stablehlo.broadcast_in_dim %ui32_0, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %iota_1 = stablehlo.iota dim = 1 : tensor<3x3xui32>
    %convert = stablehlo.convert %iota : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %ui64_3528531795.all = stablehlo.broadcast_in_dim %ui64_3528531795, dims = [] : (tensor<ui64>) -> tensor<3x3xui64>
    %multiply_6 = stablehlo.multiply %convert, %ui64_3528531795.all : tensor<3x3xui64>
    %ui64_32.all = stablehlo.broadcast_in_dim %ui64_32, dims = [] : (tensor<ui64>) -> tensor<3x3xui64>
    %shift_right_logical_10 = stablehlo.shift_right_logical %multiply_6, %ui64_32.all : tensor<3x3xui64>
    %convert_1 = stablehlo.convert %shift_right_logical_10 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_2 = stablehlo.convert %multiply_6 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_3 = stablehlo.convert %ui32_0.all : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %ui64_3449720151.all = stablehlo.broadcast_in_dim %ui64_3449720151, dims = [] : (tensor<ui64>) -> tensor<3x3xui64>
    %multiply_7 = stablehlo.multiply %convert_3, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_11 = stablehlo.shift_right_logical %multiply_7, %ui64_32.all : tensor<3x3xui64>
    %convert_4 = stablehlo.convert %shift_right_logical_11 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_5 = stablehlo.convert %multiply_7 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_11 = stablehlo.xor %convert_4, %ui32_0.all : tensor<3x3xui32>
    %key.all = stablehlo.broadcast_in_dim %key, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_12 = stablehlo.xor %xor_11, %key.all : tensor<3x3xui32>
    %xor_13 = stablehlo.xor %convert_1, %iota_1 : tensor<3x3xui32>
    %key_1.all = stablehlo.broadcast_in_dim %key_1, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_14 = stablehlo.xor %xor_13, %key_1.all : tensor<3x3xui32>
    %add_3 = stablehlo.add %key, %ui32_2654435769 : tensor<ui32>
    %add_4 = stablehlo.add %key_1, %ui32_3144134277 : tensor<ui32>
    %convert_6 = stablehlo.convert %xor_12 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_8 = stablehlo.multiply %convert_6, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_12 = stablehlo.shift_right_logical %multiply_8, %ui64_32.all : tensor<3x3xui64>
    %convert_7 = stablehlo.convert %shift_right_logical_12 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_8 = stablehlo.convert %multiply_8 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_9 = stablehlo.convert %xor_14 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_9 = stablehlo.multiply %convert_9, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_13 = stablehlo.shift_right_logical %multiply_9, %ui64_32.all : tensor<3x3xui64>
    %convert_10 = stablehlo.convert %shift_right_logical_13 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_11 = stablehlo.convert %multiply_9 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_15 = stablehlo.xor %convert_10, %convert_5 : tensor<3x3xui32>
    %add_3.all = stablehlo.broadcast_in_dim %add_3, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_16 = stablehlo.xor %xor_15, %add_3.all : tensor<3x3xui32>
    %xor_17 = stablehlo.xor %convert_7, %convert_2 : tensor<3x3xui32>
    %add_4.all = stablehlo.broadcast_in_dim %add_4, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_18 = stablehlo.xor %xor_17, %add_4.all : tensor<3x3xui32>
    %add_5 = stablehlo.add %add_3, %ui32_2654435769 : tensor<ui32>
    %add_6 = stablehlo.add %add_4, %ui32_3144134277 : tensor<ui32>
    %convert_12 = stablehlo.convert %xor_16 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_10 = stablehlo.multiply %convert_12, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_14 = stablehlo.shift_right_logical %multiply_10, %ui64_32.all : tensor<3x3xui64>
    %convert_13 = stablehlo.convert %shift_right_logical_14 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_14 = stablehlo.convert %multiply_10 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_15 = stablehlo.convert %xor_18 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_11 = stablehlo.multiply %convert_15, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_15 = stablehlo.shift_right_logical %multiply_11, %ui64_32.all : tensor<3x3xui64>
    %convert_16 = stablehlo.convert %shift_right_logical_15 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_17 = stablehlo.convert %multiply_11 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_19 = stablehlo.xor %convert_16, %convert_11 : tensor<3x3xui32>
    %add_5.all = stablehlo.broadcast_in_dim %add_5, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_20 = stablehlo.xor %xor_19, %add_5.all : tensor<3x3xui32>
    %xor_21 = stablehlo.xor %convert_13, %convert_8 : tensor<3x3xui32>
    %add_6.all = stablehlo.broadcast_in_dim %add_6, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_22 = stablehlo.xor %xor_21, %add_6.all : tensor<3x3xui32>
    %add_7 = stablehlo.add %add_5, %ui32_2654435769 : tensor<ui32>
    %add_8 = stablehlo.add %add_6, %ui32_3144134277 : tensor<ui32>
    %convert_18 = stablehlo.convert %xor_20 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_12 = stablehlo.multiply %convert_18, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_16 = stablehlo.shift_right_logical %multiply_12, %ui64_32.all : tensor<3x3xui64>
    %convert_19 = stablehlo.convert %shift_right_logical_16 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_20 = stablehlo.convert %multiply_12 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_21 = stablehlo.convert %xor_22 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_13 = stablehlo.multiply %convert_21, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_17 = stablehlo.shift_right_logical %multiply_13, %ui64_32.all : tensor<3x3xui64>
    %convert_22 = stablehlo.convert %shift_right_logical_17 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_23 = stablehlo.convert %multiply_13 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_23 = stablehlo.xor %convert_22, %convert_17 : tensor<3x3xui32>
    %add_7.all = stablehlo.broadcast_in_dim %add_7, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_24 = stablehlo.xor %xor_23, %add_7.all : tensor<3x3xui32>
    %xor_25 = stablehlo.xor %convert_19, %convert_14 : tensor<3x3xui32>
    %add_8.all = stablehlo.broadcast_in_dim %add_8, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_26 = stablehlo.xor %xor_25, %add_8.all : tensor<3x3xui32>
    %add_9 = stablehlo.add %add_7, %ui32_2654435769 : tensor<ui32>
    %add_10 = stablehlo.add %add_8, %ui32_3144134277 : tensor<ui32>
    %convert_24 = stablehlo.convert %xor_24 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_14 = stablehlo.multiply %convert_24, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_18 = stablehlo.shift_right_logical %multiply_14, %ui64_32.all : tensor<3x3xui64>
    %convert_25 = stablehlo.convert %shift_right_logical_18 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_26 = stablehlo.convert %multiply_14 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_27 = stablehlo.convert %xor_26 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_15 = stablehlo.multiply %convert_27, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_19 = stablehlo.shift_right_logical %multiply_15, %ui64_32.all : tensor<3x3xui64>
    %convert_28 = stablehlo.convert %shift_right_logical_19 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_29 = stablehlo.convert %multiply_15 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_27 = stablehlo.xor %convert_28, %convert_23 : tensor<3x3xui32>
    %add_9.all = stablehlo.broadcast_in_dim %add_9, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_28 = stablehlo.xor %xor_27, %add_9.all : tensor<3x3xui32>
    %xor_29 = stablehlo.xor %convert_25, %convert_20 : tensor<3x3xui32>
    %add_10.all = stablehlo.broadcast_in_dim %add_10, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_30 = stablehlo.xor %xor_29, %add_10.all : tensor<3x3xui32>
    %add_11 = stablehlo.add %add_9, %ui32_2654435769 : tensor<ui32>
    %add_12 = stablehlo.add %add_10, %ui32_3144134277 : tensor<ui32>
    %convert_30 = stablehlo.convert %xor_28 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_16 = stablehlo.multiply %convert_30, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_20 = stablehlo.shift_right_logical %multiply_16, %ui64_32.all : tensor<3x3xui64>
    %convert_31 = stablehlo.convert %shift_right_logical_20 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_32 = stablehlo.convert %multiply_16 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_33 = stablehlo.convert %xor_30 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_17 = stablehlo.multiply %convert_33, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_21 = stablehlo.shift_right_logical %multiply_17, %ui64_32.all : tensor<3x3xui64>
    %convert_34 = stablehlo.convert %shift_right_logical_21 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_35 = stablehlo.convert %multiply_17 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_31 = stablehlo.xor %convert_34, %convert_29 : tensor<3x3xui32>
    %add_11.all = stablehlo.broadcast_in_dim %add_11, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_32 = stablehlo.xor %xor_31, %add_11.all : tensor<3x3xui32>
    %xor_33 = stablehlo.xor %convert_31, %convert_26 : tensor<3x3xui32>
    %add_12.all = stablehlo.broadcast_in_dim %add_12, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_34 = stablehlo.xor %xor_33, %add_12.all : tensor<3x3xui32>
    %add_13 = stablehlo.add %add_11, %ui32_2654435769 : tensor<ui32>
    %add_14 = stablehlo.add %add_12, %ui32_3144134277 : tensor<ui32>
    %convert_36 = stablehlo.convert %xor_32 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_18 = stablehlo.multiply %convert_36, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_22 = stablehlo.shift_right_logical %multiply_18, %ui64_32.all : tensor<3x3xui64>
    %convert_37 = stablehlo.convert %shift_right_logical_22 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_38 = stablehlo.convert %multiply_18 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_39 = stablehlo.convert %xor_34 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_19 = stablehlo.multiply %convert_39, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_23 = stablehlo.shift_right_logical %multiply_19, %ui64_32.all : tensor<3x3xui64>
    %convert_40 = stablehlo.convert %shift_right_logical_23 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_41 = stablehlo.convert %multiply_19 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_35 = stablehlo.xor %convert_40, %convert_35 : tensor<3x3xui32>
    %add_13.all = stablehlo.broadcast_in_dim %add_13, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_36 = stablehlo.xor %xor_35, %add_13.all : tensor<3x3xui32>
    %xor_37 = stablehlo.xor %convert_37, %convert_32 : tensor<3x3xui32>
    %add_14.all = stablehlo.broadcast_in_dim %add_14, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_38 = stablehlo.xor %xor_37, %add_14.all : tensor<3x3xui32>
    %add_15 = stablehlo.add %add_13, %ui32_2654435769 : tensor<ui32>
    %add_16 = stablehlo.add %add_14, %ui32_3144134277 : tensor<ui32>
    %convert_42 = stablehlo.convert %xor_36 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_20 = stablehlo.multiply %convert_42, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_24 = stablehlo.shift_right_logical %multiply_20, %ui64_32.all : tensor<3x3xui64>
    %convert_43 = stablehlo.convert %shift_right_logical_24 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_44 = stablehlo.convert %multiply_20 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_45 = stablehlo.convert %xor_38 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_21 = stablehlo.multiply %convert_45, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_25 = stablehlo.shift_right_logical %multiply_21, %ui64_32.all : tensor<3x3xui64>
    %convert_46 = stablehlo.convert %shift_right_logical_25 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_47 = stablehlo.convert %multiply_21 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_39 = stablehlo.xor %convert_46, %convert_41 : tensor<3x3xui32>
    %add_15.all = stablehlo.broadcast_in_dim %add_15, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_40 = stablehlo.xor %xor_39, %add_15.all : tensor<3x3xui32>
    %xor_41 = stablehlo.xor %convert_43, %convert_38 : tensor<3x3xui32>
    %add_16.all = stablehlo.broadcast_in_dim %add_16, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_42 = stablehlo.xor %xor_41, %add_16.all : tensor<3x3xui32>
    %add_17 = stablehlo.add %add_15, %ui32_2654435769 : tensor<ui32>
    %add_18 = stablehlo.add %add_16, %ui32_3144134277 : tensor<ui32>
    %convert_48 = stablehlo.convert %xor_40 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_22 = stablehlo.multiply %convert_48, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_26 = stablehlo.shift_right_logical %multiply_22, %ui64_32.all : tensor<3x3xui64>
    %convert_49 = stablehlo.convert %shift_right_logical_26 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_50 = stablehlo.convert %multiply_22 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_51 = stablehlo.convert %xor_42 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_23 = stablehlo.multiply %convert_51, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_27 = stablehlo.shift_right_logical %multiply_23, %ui64_32.all : tensor<3x3xui64>
    %convert_52 = stablehlo.convert %shift_right_logical_27 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_53 = stablehlo.convert %multiply_23 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_43 = stablehlo.xor %convert_52, %convert_47 : tensor<3x3xui32>
    %add_17.all = stablehlo.broadcast_in_dim %add_17, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_44 = stablehlo.xor %xor_43, %add_17.all : tensor<3x3xui32>
    %xor_45 = stablehlo.xor %convert_49, %convert_44 : tensor<3x3xui32>
    %add_18.all = stablehlo.broadcast_in_dim %add_18, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_46 = stablehlo.xor %xor_45, %add_18.all : tensor<3x3xui32>
    %add_19 = stablehlo.add %add_17, %ui32_2654435769 : tensor<ui32>
    %add_20 = stablehlo.add %add_18, %ui32_3144134277 : tensor<ui32>
    %convert_54 = stablehlo.convert %xor_44 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_24 = stablehlo.multiply %convert_54, %ui64_3528531795.all : tensor<3x3xui64>
    %shift_right_logical_28 = stablehlo.shift_right_logical %multiply_24, %ui64_32.all : tensor<3x3xui64>
    %convert_55 = stablehlo.convert %shift_right_logical_28 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_56 = stablehlo.convert %multiply_24 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_57 = stablehlo.convert %xor_46 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %multiply_25 = stablehlo.multiply %convert_57, %ui64_3449720151.all : tensor<3x3xui64>
    %shift_right_logical_29 = stablehlo.shift_right_logical %multiply_25, %ui64_32.all : tensor<3x3xui64>
    %convert_58 = stablehlo.convert %shift_right_logical_29 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %convert_59 = stablehlo.convert %multiply_25 : (tensor<3x3xui64>) -> tensor<3x3xui32>
    %xor_47 = stablehlo.xor %convert_58, %convert_53 : tensor<3x3xui32>
    %add_19.all = stablehlo.broadcast_in_dim %add_19, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_48 = stablehlo.xor %xor_47, %add_19.all : tensor<3x3xui32>
    %xor_49 = stablehlo.xor %convert_55, %convert_50 : tensor<3x3xui32>
    %add_20.all = stablehlo.broadcast_in_dim %add_20, dims = [] : (tensor<ui32>) -> tensor<3x3xui32>
    %xor_50 = stablehlo.xor %xor_49, %add_20.all : tensor<3x3xui32>
    %convert_60 = stablehlo.convert %xor_48 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %ui64_21.all = stablehlo.broadcast_in_dim %ui64_21, dims = [] : (tensor<ui64>) -> tensor<3x3xui64>
    %shift_left = stablehlo.shift_left %convert_60, %ui64_21.all : tensor<3x3xui64>
    %convert_61 = stablehlo.convert %convert_59 : (tensor<3x3xui32>) -> tensor<3x3xui64>
    %ui64_11.all = stablehlo.broadcast_in_dim %ui64_11, dims = [] : (tensor<ui64>) -> tensor<3x3xui64>
    %shift_right_logical_30 = stablehlo.shift_right_logical %convert_61, %ui64_11.all : tensor<3x3xui64>
    %or = stablehlo.or %shift_left, %shift_right_logical_30 : tensor<3x3xui64>
    %convert_62 = stablehlo.convert %or : (tensor<3x3xui64>) -> tensor<3x3xf64>
    %f64_1.1102230246251565e-16.all = stablehlo.broadcast_in_dim %f64_1.1102230246251565e-16, dims = [] : (tensor<f64>) -> tensor<3x3xf64>
    %multiply_26 = stablehlo.multiply %convert_62, %f64_1.1102230246251565e-16.all : tensor<3x3xf64>
    %uniform = stablehlo.convert %multiply_26 : (tensor<3x3xf64>) -> tensor<3x3xf32>
    %f32_0.5.all = stablehlo.broadcast_in_dim %f32_0.5, dims = [] : (tensor<f32>) -> tensor<3x3xf32>
    %compare = stablehlo.compare LE, %f32_0.5.all, %uniform, FLOAT : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xi1>
    %f32_2.0.all = stablehlo.broadcast_in_dim %f32_2.0, dims = [] : (tensor<f32>) -> tensor<7x3x3xf32>
    %multiply_27 = stablehlo.multiply %x, %f32_2.0.all : tensor<7x3x3xf32>
    %compare.all = stablehlo.broadcast_in_dim %compare, dims = [1, 2] : (tensor<3x3xi1>) -> tensor<7x3x3xi1>
    %f32_0.0.all = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x3xf32>
    %select = stablehlo.select %compare.all, %multiply_27, %f32_0.0.all : tensor<7x3x3xi1>, tensor<7x3x3xf32>
    %f32_0.0.all_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %slice = stablehlo.slice %input.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_1 = stablehlo.slice %forget.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_2 = stablehlo.slice %candidate.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %slice_3 = stablehlo.slice %output.weight [0:4, 0:4] : (tensor<7x4xf32>) -> tensor<4x4xf32>
    %concatenate = stablehlo.concatenate %slice, %slice_1, %slice_2, %slice_3, dim = 1 : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x16xf32>
    %slice_4 = stablehlo.slice %input.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_5 = stablehlo.slice %forget.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_6 = stablehlo.slice %candidate.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %slice_7 = stablehlo.slice %output.weight [4:7, 0:4] : (tensor<7x4xf32>) -> tensor<3x4xf32>
    %concatenate_1 = stablehlo.concatenate %slice_4, %slice_5, %slice_6, %slice_7, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
    %product = stablehlo.dot_general %select, %concatenate_1, contracting_dims = [2] x [0], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<3x16xf32>) -> tensor<7x3x16xf32>
    %concatenate_2 = stablehlo.concatenate %input.bias, %forget.bias, %candidate.bias, %output.bias, dim = 0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<16xf32>
    %f32_0.0.all_1.all = stablehlo.broadcast_in_dim %f32_0.0.all_1, dims = [1] : (tensor<4xf32>) -> tensor<3x4xf32>
    %zeros = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<7x3x16xf32>
    %zeros_1 = stablehlo.broadcast_in_dim %f32_0.0, dims = [] : (tensor<f32>) -> tensor<8x3x8xf32>
    %concatenate_3 = stablehlo.concatenate %f32_0.0.all_1.all, %f32_0.0.all_1.all, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
    %concatenate_3.piece = stablehlo.reshape %concatenate_3 : (tensor<3x8xf32>) -> tensor<1x3x8xf32>
    %c.h.start = stablehlo.dynamic_update_slice %zeros_1, %concatenate_3.piece, %i32_0, %i32_0, %i32_0 : (tensor<8x3x8xf32>, tensor<1x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x8xf32>
    // forward along t
    %forward:5 = stablehlo.while(%step = %i32_0, %h.previous = %f32_0.0.all_1.all, %c.previous = %f32_0.0.all_1.all, %add.filled = %zeros, %c.h.filled = %c.h.start) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>, tensor<8x3x8xf32>
    cond {
      %continues = stablehlo.compare LT, %step, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues : tensor<i1>
    } do {
      %product_1 = stablehlo.dot_general %h.previous, %concatenate, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<3x4xf32>, tensor<4x16xf32>) -> tensor<3x16xf32>
      %product.t = stablehlo.dynamic_slice %product, %step, %i32_0, %i32_0, sizes = [1, 3, 16] : (tensor<7x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x16xf32>
      %product.t_1 = stablehlo.reshape %product.t : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
      %concatenate_2.all = stablehlo.broadcast_in_dim %concatenate_2, dims = [1] : (tensor<16xf32>) -> tensor<3x16xf32>
      %add_21 = stablehlo.add %product.t_1, %concatenate_2.all : tensor<3x16xf32>
      %add_22 = stablehlo.add %product_1, %add_21 : tensor<3x16xf32>
      %slice_8 = stablehlo.slice %add_22 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %input.next = stablehlo.logistic %slice_8 : tensor<3x4xf32>
      %slice_9 = stablehlo.slice %add_22 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %forget.next = stablehlo.logistic %slice_9 : tensor<3x4xf32>
      %slice_10 = stablehlo.slice %add_22 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %candidate.next = stablehlo.tanh %slice_10 : tensor<3x4xf32>
      %slice_11 = stablehlo.slice %add_22 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %output.next = stablehlo.logistic %slice_11 : tensor<3x4xf32>
      %multiply_28 = stablehlo.multiply %forget.next, %c.previous : tensor<3x4xf32>
      %multiply_29 = stablehlo.multiply %input.next, %candidate.next : tensor<3x4xf32>
      %c.next = stablehlo.add %multiply_28, %multiply_29 : tensor<3x4xf32>
      %tanh = stablehlo.tanh %c.next : tensor<3x4xf32>
      %h.next = stablehlo.multiply %output.next, %tanh : tensor<3x4xf32>
      %add_22.piece = stablehlo.reshape %add_22 : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %add.filled.next = stablehlo.dynamic_update_slice %add.filled, %add_22.piece, %step, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %concatenate_4 = stablehlo.concatenate %c.next, %h.next, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
      %t.shifted = stablehlo.add %step, %i32_1 : tensor<i32>
      %concatenate_4.piece = stablehlo.reshape %concatenate_4 : (tensor<3x8xf32>) -> tensor<1x3x8xf32>
      %c.h.filled.next = stablehlo.dynamic_update_slice %c.h.filled, %concatenate_4.piece, %t.shifted, %i32_0, %i32_0 : (tensor<8x3x8xf32>, tensor<1x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<8x3x8xf32>
      %step.next = stablehlo.add %step, %i32_1 : tensor<i32>
      stablehlo.return %step.next, %h.next, %c.next, %add.filled.next, %c.h.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>, tensor<8x3x8xf32>
    }
    %slice_12 = stablehlo.slice %forward#3 [0:7, 0:3, 12:16] : (tensor<7x3x16xf32>) -> tensor<7x3x4xf32>
    %output = stablehlo.logistic %slice_12 : tensor<7x3x4xf32>
    %c.sequence = stablehlo.slice %forward#4 [1:8, 0:3, 0:8] : (tensor<8x3x8xf32>) -> tensor<7x3x8xf32>
    %c.sequence_1 = stablehlo.slice %c.sequence [0:7, 0:3, 0:4] : (tensor<7x3x8xf32>) -> tensor<7x3x4xf32>
    %tanh_1 = stablehlo.tanh %c.sequence_1 : tensor<7x3x4xf32>
    %multiply_30 = stablehlo.multiply %output, %tanh_1 : tensor<7x3x4xf32>
    %multiply_31 = stablehlo.multiply %multiply_30, %multiply_30 : tensor<7x3x4xf32>
    %f32_0.25.all = stablehlo.broadcast_in_dim %f32_0.25, dims = [] : (tensor<f32>) -> tensor<7x3x4xf32>
    %multiply_32 = stablehlo.multiply %multiply_31, %f32_0.25.all : tensor<7x3x4xf32>
    %sum = stablehlo.reduce(%multiply_32 init: %f32_0.0) applies stablehlo.add across dimensions = [2] : (tensor<7x3x4xf32>, tensor<f32>) -> tensor<7x3xf32>
    %f32_1.0.all = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<7x3xf32>
    %mean = stablehlo.multiply %sum, %f32_1.0.all : tensor<7x3xf32>
    %sum_1 = stablehlo.reduce(%mean init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3xf32>, tensor<f32>) -> tensor<f32>
    %convert_63 = stablehlo.convert %i32_7 : (tensor<i32>) -> tensor<f32>
    %convert_64 = stablehlo.convert %i32_3 : (tensor<i32>) -> tensor<f32>
    %multiply_33 = stablehlo.multiply %convert_63, %convert_64 : tensor<f32>
    %divide = stablehlo.divide %sum_1, %multiply_33 : tensor<f32>
    %divide_1 = stablehlo.divide %f32_1.0, %multiply_33 : tensor<f32>
    %multiply_34 = stablehlo.multiply %divide_1, %f32_0.25 : tensor<f32>
    %add_23 = stablehlo.add %multiply_34, %multiply_34 : tensor<f32>
    // backward along t
    %backward:4 = stablehlo.while(%step_1 = %i32_0, %state.previous = %f32_0.0.all_1.all, %state.previous_1 = %f32_0.0.all_1.all, %concatenate.filled = %zeros) : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>
    cond {
      %continues_1 = stablehlo.compare LT, %step_1, %i32_7, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %continues_1 : tensor<i1>
    } do {
      %t = stablehlo.subtract %i32_6, %step_1 : tensor<i32>
      %add.t = stablehlo.dynamic_slice %forward#3, %t, %i32_0, %i32_0, sizes = [1, 3, 16] : (tensor<7x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x16xf32>
      %add.t_1 = stablehlo.reshape %add.t : (tensor<1x3x16xf32>) -> tensor<3x16xf32>
      %slice_13 = stablehlo.slice %add.t_1 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %output.t = stablehlo.logistic %slice_13 : tensor<3x4xf32>
      %t.shifted_1 = stablehlo.add %t, %i32_1 : tensor<i32>
      %row.t = stablehlo.dynamic_slice %forward#4, %t.shifted_1, %i32_0, %i32_0, sizes = [1, 3, 8] : (tensor<8x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x8xf32>
      %row.t_1 = stablehlo.reshape %row.t : (tensor<1x3x8xf32>) -> tensor<3x8xf32>
      %c.t = stablehlo.slice %row.t_1 [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %tanh_2 = stablehlo.tanh %c.t : tensor<3x4xf32>
      %multiply_35 = stablehlo.multiply %output.t, %tanh_2 : tensor<3x4xf32>
      %add_23.all = stablehlo.broadcast_in_dim %add_23, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %multiply_36 = stablehlo.multiply %add_23.all, %multiply_35 : tensor<3x4xf32>
      %add_24 = stablehlo.add %multiply_36, %state.previous : tensor<3x4xf32>
      %multiply_37 = stablehlo.multiply %add_24, %tanh_2 : tensor<3x4xf32>
      %multiply_38 = stablehlo.multiply %add_24, %output.t : tensor<3x4xf32>
      %multiply_39 = stablehlo.multiply %tanh_2, %tanh_2 : tensor<3x4xf32>
      %f32_1.0.all_1 = stablehlo.broadcast_in_dim %f32_1.0, dims = [] : (tensor<f32>) -> tensor<3x4xf32>
      %subtract = stablehlo.subtract %f32_1.0.all_1, %multiply_39 : tensor<3x4xf32>
      %multiply_40 = stablehlo.multiply %multiply_38, %subtract : tensor<3x4xf32>
      %add_25 = stablehlo.add %multiply_40, %state.previous_1 : tensor<3x4xf32>
      %slice_14 = stablehlo.slice %add.t_1 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %candidate.t = stablehlo.tanh %slice_14 : tensor<3x4xf32>
      %multiply_41 = stablehlo.multiply %add_25, %candidate.t : tensor<3x4xf32>
      %slice_15 = stablehlo.slice %add.t_1 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %input.t = stablehlo.logistic %slice_15 : tensor<3x4xf32>
      %multiply_42 = stablehlo.multiply %add_25, %input.t : tensor<3x4xf32>
      %row.t_2 = stablehlo.dynamic_slice %forward#4, %t, %i32_0, %i32_0, sizes = [1, 3, 8] : (tensor<8x3x8xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x8xf32>
      %row.t_3 = stablehlo.reshape %row.t_2 : (tensor<1x3x8xf32>) -> tensor<3x8xf32>
      %delay.t = stablehlo.slice %row.t_3 [0:3, 0:4] : (tensor<3x8xf32>) -> tensor<3x4xf32>
      %multiply_43 = stablehlo.multiply %add_25, %delay.t : tensor<3x4xf32>
      %slice_16 = stablehlo.slice %add.t_1 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
      %forget.t = stablehlo.logistic %slice_16 : tensor<3x4xf32>
      %multiply_44 = stablehlo.multiply %add_25, %forget.t : tensor<3x4xf32>
      %subtract_1 = stablehlo.subtract %f32_1.0.all_1, %output.t : tensor<3x4xf32>
      %multiply_45 = stablehlo.multiply %output.t, %subtract_1 : tensor<3x4xf32>
      %multiply_46 = stablehlo.multiply %multiply_37, %multiply_45 : tensor<3x4xf32>
      %multiply_47 = stablehlo.multiply %candidate.t, %candidate.t : tensor<3x4xf32>
      %subtract_2 = stablehlo.subtract %f32_1.0.all_1, %multiply_47 : tensor<3x4xf32>
      %multiply_48 = stablehlo.multiply %multiply_42, %subtract_2 : tensor<3x4xf32>
      %subtract_3 = stablehlo.subtract %f32_1.0.all_1, %forget.t : tensor<3x4xf32>
      %multiply_49 = stablehlo.multiply %forget.t, %subtract_3 : tensor<3x4xf32>
      %multiply_50 = stablehlo.multiply %multiply_43, %multiply_49 : tensor<3x4xf32>
      %subtract_4 = stablehlo.subtract %f32_1.0.all_1, %input.t : tensor<3x4xf32>
      %multiply_51 = stablehlo.multiply %input.t, %subtract_4 : tensor<3x4xf32>
      %multiply_52 = stablehlo.multiply %multiply_41, %multiply_51 : tensor<3x4xf32>
      %concatenate_5 = stablehlo.concatenate %multiply_52, %multiply_50, %multiply_48, %multiply_46, dim = 1 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x16xf32>
      %product_2 = stablehlo.dot_general %concatenate_5, %concatenate, contracting_dims = [1] x [1], precision = [HIGHEST, HIGHEST] : (tensor<3x16xf32>, tensor<4x16xf32>) -> tensor<3x4xf32>
      %concatenate_5.piece = stablehlo.reshape %concatenate_5 : (tensor<3x16xf32>) -> tensor<1x3x16xf32>
      %concatenate.filled.next = stablehlo.dynamic_update_slice %concatenate.filled, %concatenate_5.piece, %t, %i32_0, %i32_0 : (tensor<7x3x16xf32>, tensor<1x3x16xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<7x3x16xf32>
      %step.next_1 = stablehlo.add %step_1, %i32_1 : tensor<i32>
      stablehlo.return %step.next_1, %product_2, %multiply_44, %concatenate.filled.next : tensor<i32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<7x3x16xf32>
    }
    %delay.sequence = stablehlo.slice %forward#4 [0:7, 0:3, 0:8] : (tensor<8x3x8xf32>) -> tensor<7x3x8xf32>
    %delay.sequence_1 = stablehlo.slice %delay.sequence [0:7, 0:3, 4:8] : (tensor<7x3x8xf32>) -> tensor<7x3x4xf32>
    %product_3 = stablehlo.dot_general %delay.sequence_1, %backward#3, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x4xf32>, tensor<7x3x16xf32>) -> tensor<4x16xf32>
    %slice_17 = stablehlo.slice %product_3 [0:4, 12:16] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %product_4 = stablehlo.dot_general %select, %backward#3, contracting_dims = [0, 1] x [0, 1], precision = [HIGHEST, HIGHEST] : (tensor<7x3x3xf32>, tensor<7x3x16xf32>) -> tensor<3x16xf32>
    %slice_18 = stablehlo.slice %product_4 [0:3, 12:16] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_6 = stablehlo.concatenate %slice_17, %slice_18, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_19 = stablehlo.slice %product_3 [0:4, 8:12] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_20 = stablehlo.slice %product_4 [0:3, 8:12] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_7 = stablehlo.concatenate %slice_19, %slice_20, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_21 = stablehlo.slice %product_3 [0:4, 4:8] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_22 = stablehlo.slice %product_4 [0:3, 4:8] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_8 = stablehlo.concatenate %slice_21, %slice_22, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %slice_23 = stablehlo.slice %product_3 [0:4, 0:4] : (tensor<4x16xf32>) -> tensor<4x4xf32>
    %slice_24 = stablehlo.slice %product_4 [0:3, 0:4] : (tensor<3x16xf32>) -> tensor<3x4xf32>
    %concatenate_9 = stablehlo.concatenate %slice_23, %slice_24, dim = 0 : (tensor<4x4xf32>, tensor<3x4xf32>) -> tensor<7x4xf32>
    %sum_2 = stablehlo.reduce(%backward#3 init: %f32_0.0) applies stablehlo.add across dimensions = [0, 1] : (tensor<7x3x16xf32>, tensor<f32>) -> tensor<16xf32>
    %slice_25 = stablehlo.slice %sum_2 [0:4] : (tensor<16xf32>) -> tensor<4xf32>
    %slice_26 = stablehlo.slice %sum_2 [4:8] : (tensor<16xf32>) -> tensor<4xf32>
    %slice_27 = stablehlo.slice %sum_2 [8:12] : (tensor<16xf32>) -> tensor<4xf32>
    %slice_28 = stablehlo.slice %sum_2 [12:16] : (tensor<16xf32>) -> tensor<4xf32>
    return %divide, %concatenate_9, %slice_25, %concatenate_8, %slice_26, %concatenate_7, %slice_27, %concatenate_6, %slice_28 : tensor<f32>, tensor<7x4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>, tensor<7x4xf32>, tensor<4xf32>
  }
}
