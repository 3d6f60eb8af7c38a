"""Small archives of other programs, from the test suite of libarchive (BSD-2-Clause, copyright its contributors).

In: nothing. Out: bytes. Fails: never.
"""

from __future__ import annotations

import base64

# test_read_format_lha_filename_cp932.lzh
LZH = base64.b85decode(
    "O#m%yXfQ1Z000080000fq=QW$0vSk62LMK-"
    "0{{RE00D}>j+!oXcyt>8K{RlHB%0;R0d%VAF`DJe0d%VAF`DJe0R{j7(IW={0E)kknu4i<$V&h%Y-"
    "lho1ONa41ONa4Jfwq7AOh%HO$Pu*qyqo|2>=0=TrPBYbQ=Icnq?C<n&ry@pz9Gmn&ry@pz9Gmn&ry@1^@u;Ee8MqY-w|J00"
)

# test_read_format_rar5_stored.rar
RAR_STORED = base64.b85decode(
    "Qeko-8V3OYGm^FC3IPQM00jX7fPervFa~2R0s{-300f-?q=N#qL!gy_009nYWo&G3cW-"
    "iRWG-}gbP59#eh#Z!R_P8JXk~0{Zy;=GVqtP)XlZt3AarGObRcteX>?^F3LSS=Q3C}800"
)

# test_read_format_rar5_blake2.rar
RAR_COMPRESSED = base64.b85decode(
    "Qeko-8V3OY^WlQ)3jqZO00sd8fPjDipU7-yM*;&bmIMH<2Bd=mfCT{xV`XA>Y+){RcyuBH0Oos!C7K-"
    "2)f;VRcFqvBrO#oNS&%#coT$S_)<rl|r3wQR*mAI2hV?fr&V&*IH+4faGxT6Iy>O#sfH?RBvN<S{nM0x6R-"
    "*N#x{*MVf(2OsVsL0D43@g)?=X>v|HUmE#?T2I_<Q14BFs6Mb3Ab8v-j>l-"
    "0Je;+N$n*EyD+IdpB!Gwy(YoW)``Zp0mT3>QK`M^Zo9$v-"
    "Wgk$iBW_W+J&B5LPzXDRxz3{gQqr+jggJ?z%QCE};jSISl##jpn&8%%-"
    ";CVPn=*z5Dt88(hLyTw}YJ<oE`JrDvOFnU%XnVy!{E{VA*xRp5k0f^0UJaAMjD>2CyhZdJwBW|^Xo_xS|BEvbtWk{~>IfWny$(|&"
    "Q6|1z_ELnidj?-"
    "B$9=uuf|>CwI0(xjq{UImdp2hGkcOK9~LhXf@q&O6&kZ8glHju&M+&4Pt^QFHPUN^Ff7NVa`P`B>h(SuEcU)aD7S2waWRA@P<&q8"
    "U(5Xw)C@j*8{z4adnev{{6@FUiRx7aDGGc$>P7;T5K2s9`(lv!=R%SImxq+c++f;)x1BP2NGagA}po^y?t^ktQYXy`!)QFI;EMeK"
    "Nc=f5xD77bxe|9~o7J85+z6MN?>8?``X~*xaDu8gR90gVVlZel~{`;8wBt@z)N$r{EV#xd25|gHauZb3F-"
    "3l+L#Vamf^nh?CQ$)At`zHb1z*5gM0^V933lR@i!!^eKv1j)LVITH&kR;cQYNKD)rn>wF9C_tYJCR#5{51ON"
)

# test_read_format_rar_encryption_data.rar
RAR_LOCKED = base64.b85decode(
    "Qeko-8V3N+kaGY44FCWD00000UHo(;gf9Rf0000G00003T!yWtrA#qH9Ww_2w1EHsW^ZpUba-@61H9SR7EIqoKpK*gh~E_}j-"
    "JnOxj^X2N9NAfzeM7=HK?5EWj6r_MRX*DF909_000mG000BN;*iazOff?pGY0^)fdBwvVR9~Xcyvz#yxG<kOy6*HdPs?g4`y3^<p"
    "#NO9;hW%_{ui{qwVzZ6!Rlw(V@gWdjLQO00"
)

# test_read_format_rar_encryption_header.rar
RAR_NAMES_LOCKED = base64.b85decode(
    "Qeko-"
    "8V3N*nR9>u4FCWD00000<1VXYr(AZ7ghxUE%gW537iW=|8*z37b2G6TL!TQSc0Y{?1xmo0DYK#~%TNTsPDmW0)$+iTOPQ~UJaJ5?"
    "&NnMm;WbyRK1j8KGBp6l>x#E@32;qJ<1VXYr(AZ7s+QmIVtQ_9r8<)b9xOWJjju8goCf^)5~OkzF>yW(F8ni)q&Y1Ff+Rzz-"
    "h}rhzbJt>T(D}R!wBMo2aS27f+IW;7mJUBT>#N$PBn$6<1VXYr(AZ7s%O-%HkNltYZOhL^&;;2"
)
