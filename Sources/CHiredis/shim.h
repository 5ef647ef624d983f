// hiredis 0.14 (Debian 12) and 1.x are both built against.
#pragma once

#include <hiredis/hiredis.h>
